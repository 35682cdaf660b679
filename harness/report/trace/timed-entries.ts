import type { Entry } from '../../journal/entry.ts';

/** Moment in the life of a connection as one actor saw it; `t` in ms since the case began. */
export type Moment = { t: number; event: string; step?: number; code?: string };

/** Moments of a connection; empty in journals of version 1, which do not tell them. */
export function momentsOf(entry: Entry): Moment[] {
  const events: unknown = 'events' in entry ? entry.events : undefined;
  if (!Array.isArray(events)) return [];
  return events.flatMap((one: unknown) => momentOf(one) ?? []).toSorted((a, b) => a.t - b.t);
}

function momentOf(value: unknown): Moment | undefined {
  if (!isRecord(value)) return undefined;
  const { t, event, step, code } = value;
  if (typeof t !== 'number' || typeof event !== 'string') return undefined;
  return {
    t,
    event,
    ...(typeof step === 'number' ? { step } : {}),
    ...(typeof code === 'string' ? { code } : {}),
  };
}

/** Figures of a periodic sample (`counts`) by name; undefined for other entries. */
export function countsOf(entry: Entry): Record<string, number> | undefined {
  const value: unknown = entry;
  if (!isRecord(value) || value['type'] !== 'counts') return undefined;
  const { descriptors, records, rss, active } = value;
  const resources = isRecord(active) ? Object.entries(active) : [];
  return figures([['descriptors', descriptors], ['records', records], ['rss (KiB)', rss], ...resources]);
}

/** Line of output that the target wrote (`output`), and where; undefined for other entries. */
export function outputOf(entry: Entry): { stream: string; text: string } | undefined {
  const value: unknown = entry;
  if (!isRecord(value) || value['type'] !== 'output') return undefined;
  const { stream, text } = value;
  return typeof stream === 'string' && typeof text === 'string' ? { stream, text } : undefined;
}

function figures(entries: readonly (readonly [string, unknown])[]): Record<string, number> {
  return Object.fromEntries(
    entries.flatMap(([name, value]) => (typeof value === 'number' ? [[name, value] as const] : [])),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
