import type { EndLine } from '../run/journal.ts';

/** How a target logs the end of a connection: which JSON lines, and which of their fields say what. */
export type EndLineFormat = {
  /** fields that a line must have, with these values */
  match: Record<string, string | number | boolean>;
  fields: { [Field in keyof Required<EndLine>]?: string };
};

/** A reader for one target's lines; gives `undefined` for every line that is not the end of a connection. */
export function endLineReader(format: EndLineFormat | undefined): (line: string) => EndLine | undefined {
  if (!format) return () => undefined;
  const { match, fields } = format;
  return (line) => {
    const entry = parseObject(line);
    if (!entry || !Object.entries(match).every(([name, value]) => entry[name] === value)) return undefined;
    const text = (name: string | undefined): string | undefined => {
      const value = name === undefined ? undefined : entry[name];
      return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
    };
    const bytes = (name: string | undefined): number => Number(text(name) ?? 0);
    return {
      id: text(fields.id) ?? '',
      ...counted(Number(text(fields.count))),
      ...given('incoming', text(fields.incoming)),
      ...given('outgoing', text(fields.outgoing)),
      bytesIn: bytes(fields.bytesIn),
      bytesOut: bytes(fields.bytesOut),
      ...(fields.upstreamBytesIn === undefined ? {} : { upstreamBytesIn: bytes(fields.upstreamBytesIn) }),
      ...(fields.upstreamBytesOut === undefined ? {} : { upstreamBytesOut: bytes(fields.upstreamBytesOut) }),
    };
  };
}

function given<K extends string>(name: K, value: string | undefined): { [P in K]?: string } {
  return (value === undefined ? {} : { [name]: value }) as { [P in K]?: string };
}

function counted(count: number): { count?: number } {
  return Number.isSafeInteger(count) ? { count } : {};
}

function parseObject(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    // a line that only looks like JSON is the target's own business
    return undefined;
  }
}
