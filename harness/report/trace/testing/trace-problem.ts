import type { TraceEvent } from '../trace-events.ts';

/** For tests: names what the Trace Event Format does not allow; slices of one thread nest or follow one another. */
export function traceProblem(events: readonly TraceEvent[]): string | undefined {
  const threads = new Map<string, TraceEvent[]>();
  for (const event of events) {
    const { name, ph, ts, pid, tid, dur } = event;
    if (name === '') return 'an event without a name';
    for (const value of [ts, pid, tid])
      if (!Number.isSafeInteger(value) || value < 0) return `not a number: ${value}`;
    if (ph === 'X' && (dur === undefined || !Number.isSafeInteger(dur) || dur < 0))
      return `a wrong dur: ${dur}`;
    if (ph === 'C' && Object.values(event.args ?? {}).some((value) => typeof value !== 'number'))
      return `a counter that does not count: ${name}`;
    if (ph === 'X') threads.set(`${pid} ${tid}`, [...(threads.get(`${pid} ${tid}`) ?? []), event]);
  }
  for (const slices of threads.values()) {
    const open: number[] = [];
    for (const { name, ts, dur = 0 } of slices.toSorted(
      (a, b) => a.ts - b.ts || (b.dur ?? 0) - (a.dur ?? 0),
    )) {
      while (open.length > 0 && (open.at(-1) ?? 0) <= ts) open.pop();
      if (open.length > 0 && ts + dur > (open.at(-1) ?? 0)) return `the slice ${name} overlaps another`;
      open.push(ts + dur);
    }
  }
  return undefined;
}
