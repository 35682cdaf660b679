/**
 * Reader of V8's heap snapshots, which are JSON. A snapshot of a few hundred MB is longer than a string can be, and most of its strings
 * are never needed: so its numbers are read into typed arrays, and strings on demand.
 */
const [QUOTE, BACKSLASH, COMMA, MINUS, ZERO] = [0x22, 0x5c, 0x2c, 0x2d, 0x30];

export type SnapshotMeta = {
  node_fields: string[];
  node_types: [string[], ...unknown[]];
  edge_fields: string[];
  edge_types: [string[], ...unknown[]];
  location_fields: string[];
};
type Head = { meta: SnapshotMeta; node_count: number; edge_count: number };
/** Section of the text, from its first byte to its closing bracket. */
type Section = { start: number; end: number };

export class SnapshotText {
  readonly meta: SnapshotMeta;
  readonly nodeCount: number;
  readonly edgeCount: number;
  readonly nodes: Uint32Array;
  readonly edges: Uint32Array;
  readonly locations: Uint32Array;
  readonly #bytes: Buffer;
  /** first byte of each string; the next one begins a comma and a line feed after its end */
  readonly #strings: number[] = [];
  readonly #read: (string | undefined)[] = [];

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    // in their order, since a string of the program that looks like a section comes after all sections
    const nodes = this.#section('nodes', 0);
    const edges = this.#section('edges', nodes.end);
    const locations = this.#section('locations', edges.end);
    const head = bytes.toString('utf8', 0, nodes.start).replace(/,\s*"nodes":\[$/, '}');
    const { meta, node_count, edge_count } = (JSON.parse(head) as { snapshot: Head }).snapshot;
    this.meta = meta;
    this.nodeCount = node_count;
    this.edgeCount = edge_count;
    this.nodes = this.#numbers(nodes, node_count * meta.node_fields.length);
    this.edges = this.#numbers(edges, edge_count * meta.edge_fields.length);
    this.locations = this.#numbers(locations);
    this.#findStrings(this.#section('strings', locations.end).start);
    this.#read.length = this.#strings.length;
  }

  string(index: number): string {
    const known = this.#read[index];
    if (known !== undefined) return known;
    const start = this.#strings[index];
    if (start === undefined) return '';
    const text = JSON.parse(this.#bytes.toString('utf8', start, this.#endOfString(start))) as string;
    this.#read[index] = text;
    return text;
  }

  /** Number of an ASCII string; -1 if there is none. */
  indexOf(text: string): number {
    const written = JSON.stringify(text);
    let at = this.#bytes.indexOf(written, this.#strings[0]);
    for (; at >= 0; at = this.#bytes.indexOf(written, at + 1)) {
      const index = this.#indexOfStart(at);
      if (index >= 0) return index;
    }
    return -1;
  }

  /** Binary search for the string that begins at this byte; -1 if there is none. */
  #indexOfStart(byte: number): number {
    let [low, high] = [0, this.#strings.length - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const start = this.#strings[middle] ?? 0;
      if (start === byte) return middle;
      if (start < byte) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  #section(name: string, from: number): Section {
    const head = `"${name}":[`;
    const start = this.#bytes.indexOf(head, from) + head.length;
    return { start, end: this.#bytes.indexOf(']', start) };
  }

  /**
   * Reads numbers modulo 2 ** 32: only sizes are larger, and they are not used. Only columns are below zero, in scripts that begin within
   * a wrapper of their tool.
   */
  #numbers({ start, end }: Section, count?: number): Uint32Array {
    const bytes = this.#bytes;
    const numbers = new Uint32Array(count ?? Math.ceil((end - start) / 2));
    let length = 0;
    let number = 0;
    let sign = 1;
    for (let at = start; at < end; at++) {
      const byte = bytes[at] ?? 0;
      if (byte >= ZERO) number = number * 10 + byte - ZERO;
      else if (byte === MINUS) sign = -1;
      else if (byte === COMMA) {
        numbers[length++] = number * sign;
        number = 0;
        sign = 1;
      }
    }
    if (end > start) numbers[length++] = number * sign;
    return numbers.subarray(0, length);
  }

  #findStrings(first: number): void {
    const bytes = this.#bytes;
    let at = first;
    while (bytes[at] === QUOTE) {
      this.#strings.push(at);
      at = this.#endOfString(at);
      while (bytes[at] === COMMA || bytes[at] === 0x0a) at++;
    }
  }

  /** Position just behind the closing quote of the string that starts here. */
  #endOfString(start: number): number {
    const bytes = this.#bytes;
    let at = start + 1;
    while (bytes[at] !== QUOTE && at < bytes.length) at += bytes[at] === BACKSLASH ? 2 : 1;
    return at + 1;
  }
}
