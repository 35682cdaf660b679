/** First line and headers of a message; names in lower case, repeated ones joined as in RFC 9110. */
export type HttpHead = { first: string; headers: ReadonlyMap<string, string> };

/** Whether a message says that its connection ends with it (RFC 9112, 9.3): HTTP/1.0 does, unless it asks for the contrary. */
export function announcesEnd({ first, headers }: HttpHead): boolean {
  const connection = headers.get('connection') ?? '';
  if (/\bclose\b/i.test(connection)) return true;
  return first.startsWith('HTTP/1.0') && !/\bkeep-alive\b/i.test(connection);
}

export type HttpEvents = {
  head(head: HttpHead): void;
  body(chunk: Buffer): void;
  /** called when the message is complete; nothing more is read until {@link HttpReader.next} */
  complete(): void;
};

/** Framing of the rest of a message, known from its head (RFC 9112, 6). */
type Framing =
  | { kind: 'length'; remaining: number }
  | { kind: 'chunked'; remaining: number | 'size' | 'trailers' }
  | { kind: 'to-end' };

/** Message that breaks the rules: bytes after it cannot be judged. */
export class HttpInvalid extends Error {
  override readonly name = 'HttpInvalid';
}

const LONGEST_HEAD = 65_536;

/**
 * Reads HTTP/1.1 messages from bytes, however they are split. Written for this harness, and strict: it must know to the byte whether a
 * message is complete, and a lenient parser would repair what a proxy has broken.
 */
export class HttpReader {
  readonly #kind: 'request' | 'response';
  readonly #on: HttpEvents;
  #bytes: Buffer = Buffer.alloc(0);
  #framing: Framing | undefined;
  #held = false;
  /** trailers of the last complete message */
  trailers: ReadonlyMap<string, string> = new Map();
  /** lines of the trailers under way */
  #trailerLines: string[] = [];
  /** method that the next response answers: there is no body after HEAD, nor after the grant of a CONNECT */
  method: string | undefined;

  constructor(kind: 'request' | 'response', on: HttpEvents) {
    this.#kind = kind;
    this.#on = on;
  }

  /** Whether a message has begun and is not complete. */
  get midway(): boolean {
    return this.#framing !== undefined || (!this.#held && this.#bytes.length > 0);
  }

  /** Reads a chunk. Throws {@link HttpInvalid}. */
  push(chunk: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    this.#advance();
  }

  /** Reads the next message; a pipelined one may have arrived already. */
  next(): void {
    this.#held = false;
    this.#advance();
  }

  /** Bytes after the last message: after an upgrade they are not HTTP. */
  takeRest(): Buffer {
    const rest = this.#bytes;
    this.#bytes = Buffer.alloc(0);
    return rest;
  }

  /** Handles the peer's FIN; true if it completes a message that lasts to the end of the connection. */
  end(): boolean {
    if (this.#framing?.kind !== 'to-end') return false;
    this.#complete();
    return true;
  }

  #advance(): void {
    while (!this.#held && this.#step()) {
      // each step consumes some of the bytes
    }
  }

  /** Consumes one element; false if more bytes are needed. */
  #step(): boolean {
    const framing = this.#framing;
    if (framing === undefined) return this.#takeHead();
    if (framing.kind === 'chunked' && typeof framing.remaining === 'string') return this.#takeLine(framing);
    return this.#takeBody(framing);
  }

  #takeHead(): boolean {
    const end = this.#bytes.indexOf('\r\n\r\n');
    if (end < 0) {
      if (this.#bytes.length > LONGEST_HEAD) throw new HttpInvalid('a head does not end');
      return false;
    }
    const head = parseHead(this.#bytes.toString('latin1', 0, end));
    this.#bytes = this.#bytes.subarray(end + 4);
    // a 100 or 103 precedes the answer
    const status = this.#kind === 'response' ? statusOf(head) : 0;
    const interim = status >= 100 && status < 200 && status !== 101;
    if (!interim) this.#framing = this.#framingOf(head, status);
    this.#on.head(head);
    if (!interim && isWhole(this.#framing)) this.#complete();
    return true;
  }

  #framingOf({ headers }: HttpHead, status: number): Framing {
    const isGrant = this.method === 'CONNECT' && status >= 200 && status <= 299;
    const isBodiless =
      this.method === 'HEAD' || isGrant || status === 101 || status === 204 || status === 304;
    if (isBodiless) return { kind: 'length', remaining: 0 };
    if (/(^|,)\s*chunked\s*$/i.test(headers.get('transfer-encoding') ?? ''))
      return { kind: 'chunked', remaining: 'size' };
    const length = headers.get('content-length');
    if (length === undefined)
      return this.#kind === 'request' ? { kind: 'length', remaining: 0 } : { kind: 'to-end' };
    if (!/^\d+$/.test(length)) throw new HttpInvalid(`content-length is \`${length}\``);
    return { kind: 'length', remaining: Number(length) };
  }

  /** Reads the line before a chunk, or one of the trailers. */
  #takeLine(framing: Extract<Framing, { kind: 'chunked' }>): boolean {
    const end = this.#bytes.indexOf('\r\n');
    if (end < 0) return false;
    const line = this.#bytes.toString('latin1', 0, end);
    this.#bytes = this.#bytes.subarray(end + 2);
    if (framing.remaining === 'trailers') {
      if (line !== '') this.#trailerLines.push(line);
      else this.#complete();
      return true;
    }
    const size = /^([\da-f]+)\s*(;.*)?$/i.exec(line)?.[1];
    if (size === undefined) throw new HttpInvalid(`a chunk begins with \`${line.slice(0, 40)}\``);
    const length = Number.parseInt(size, 16);
    // the length includes the line break after the chunk
    framing.remaining = length === 0 ? 'trailers' : length + 2;
    return true;
  }

  #takeBody(framing: Framing): boolean {
    if (this.#bytes.length === 0) return false;
    const remaining = framing.kind === 'to-end' ? Infinity : (framing.remaining as number);
    const taken = this.#bytes.subarray(0, Math.min(remaining, this.#bytes.length));
    this.#bytes = this.#bytes.subarray(taken.length);
    if (framing.kind === 'to-end') {
      this.#on.body(taken);
      return true;
    }
    framing.remaining = remaining - taken.length;
    const ending =
      framing.kind === 'chunked' ? Math.max(0, Math.min(taken.length, 2 - framing.remaining)) : 0;
    const body = taken.subarray(0, taken.length - ending);
    if (body.length > 0) this.#on.body(body);
    if (framing.remaining === 0) {
      if (framing.kind === 'length') this.#complete();
      else framing.remaining = 'size';
    }
    return true;
  }

  #complete(): void {
    this.#framing = undefined;
    this.trailers = parseHead(['', ...this.#trailerLines].join('\r\n')).headers;
    this.#trailerLines = [];
    this.#held = true;
    this.#on.complete();
  }
}

/** Status of a response; 0 if it has none. */
export function statusOf({ first }: HttpHead): number {
  return Number(/^HTTP\/1\.[01] (\d{3})( |$)/.exec(first)?.[1] ?? 0);
}

const isWhole = (framing: Framing | undefined): boolean =>
  framing?.kind === 'length' && framing.remaining === 0;

/** Parses a head. Throws {@link HttpInvalid} for a line that is no header. */
export function parseHead(text: string): HttpHead {
  const [first = '', ...lines] = text.split('\r\n');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon <= 0) throw new HttpInvalid(`no header: \`${line.slice(0, 40)}\``);
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return { first, headers };
}

/** Text of a head, with the empty line. */
export function formatHead(first: string, headers: Readonly<Record<string, string | number>>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${first}\r\n${lines.join('')}\r\n`;
}
