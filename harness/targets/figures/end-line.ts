import type { EndLine } from '../../journal/entry.ts';
import { groupsIn, type Pattern } from '../../../shared/yaml-file/pattern.ts';

/** Format of a target's log lines for ended connections: which lines, and which of their fields or named groups have which meaning. */
export type EndLineFormat =
  | {
      /** fields of a JSON line with their required values */
      match: Record<string, string | number | boolean>;
      fields: { [Field in keyof Required<EndLine>]?: string };
    }
  | { pattern: Pattern };

/** Whether the lines contain the reasons for which sides end. */
export function logsReasons(format: EndLineFormat | undefined): boolean {
  if (format === undefined) return false;
  if ('pattern' in format) return /\(\?<(?:incoming|outgoing)>/.test(format.pattern.source);
  return format.fields.incoming !== undefined || format.fields.outgoing !== undefined;
}

/** Makes a reader for a target's lines; it returns `undefined` for every line that is not the end of a connection. */
export function endLineReader(format: EndLineFormat | undefined): (line: string) => EndLine | undefined {
  if (!format) return () => undefined;
  if ('pattern' in format) return (line) => fromGroups(groupsIn(format.pattern, line)?.named);
  const { match, fields } = format;
  return (line) => {
    const entry = parseObject(line);
    if (!entry || !Object.entries(match).every(([name, value]) => entry[name] === value)) return undefined;
    return toEndLine(fields, (name) => {
      const value = entry[name];
      return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
    });
  };
}

/** Meanings of groups by their names. */
const GROUPS = {
  id: 'id',
  count: 'count',
  incoming: 'incoming',
  outgoing: 'outgoing',
  bytesIn: 'bytesIn',
  bytesOut: 'bytesOut',
  upstreamBytesIn: 'upstreamBytesIn',
  upstreamBytesOut: 'upstreamBytesOut',
  clientAddress: 'clientAddress',
  clientPort: 'clientPort',
} as const satisfies Record<keyof Required<EndLine>, string>;

function fromGroups(groups: Record<string, string | undefined> | undefined): EndLine | undefined {
  if (groups === undefined) return undefined;
  const fields = Object.fromEntries(Object.entries(GROUPS).filter(([, name]) => groups[name] !== undefined));
  return toEndLine(fields, (name) => groups[name]);
}

function toEndLine(
  fields: { [Field in keyof Required<EndLine>]?: string | undefined },
  read: (name: string) => string | undefined,
): EndLine {
  const text = (name: string | undefined): string | undefined =>
    name === undefined ? undefined : read(name);
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
    ...given('clientAddress', text(fields.clientAddress)),
    ...(text(fields.clientPort) === undefined ? {} : { clientPort: Number(text(fields.clientPort)) }),
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
