import type { Clock } from '../clock/clock.ts';

/** Clock that stands still until a test moves it. */
export type ManualClock = Clock & {
  /** moves the time by this many ms and runs what is due, in order */
  advance(ms: number): void;
  /** number of waiting timers */
  pending(): number;
};

export function createManualClock(): ManualClock {
  type Entry = { at: number; callback: () => void };
  const entries = new Set<Entry>();
  let time = 0;
  const nextDue = (until: number): Entry | undefined =>
    [...entries].filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at)[0];
  return {
    now: () => time,
    setTimeout(callback, ms) {
      const entry = { at: time + ms, callback };
      entries.add(entry);
      return { cancel: () => void entries.delete(entry) };
    },
    advance(ms) {
      const end = time + ms;
      for (let due = nextDue(end); due !== undefined; due = nextDue(end)) {
        entries.delete(due);
        time = due.at;
        due.callback();
      }
      time = end;
    },
    pending: () => entries.size,
  };
}
