import type { ConnectionEvent, ConnectionSeen, Counts } from '../../journal/entry.ts';

/** Moments of a connection in their order; empty in journals of version 1, which do not tell them. */
export function momentsOf({ events = [] }: Pick<ConnectionSeen, 'events'>): ConnectionEvent[] {
  return events.toSorted((a, b) => a.t - b.t);
}

/** Figures of a periodic sample by name. */
export function figuresOf({ descriptors, records, rss, active }: Counts): Record<string, number> {
  const named = { descriptors, records, 'rss (KiB)': rss, ...active };
  return Object.fromEntries(
    Object.entries(named).filter((one): one is [string, number] => one[1] !== undefined),
  );
}
