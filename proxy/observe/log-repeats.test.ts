import { array, assert, constantFrom, integer, property, tuple } from 'fast-check';
import { expect, test } from 'vitest';
import { REPEAT_WINDOW, RepeatedLines, WHOLE_LINES } from './log-repeats.ts';
import { createManualClock } from '../testing/manual-clock.ts';

type Line = Record<string, unknown> & { level: string; message: string };

function start() {
  const lines: Line[] = [];
  const write =
    (level: string) =>
    (fields: Record<string, unknown>, message: string): void =>
      void lines.push({ ...fields, level, message });
  const clock = createManualClock();
  const logger = { info: write('info'), warn: write('warn'), error: write('error') };
  return { lines, clock, log: new RepeatedLines(logger, clock) };
}

const end = (id: number, incoming: string, bytesIn = 1) => ({
  event: 'connection_end',
  id: String(id),
  incoming,
  bytesIn,
});

test('of many alike the first are whole, the rest is one line with count and sums, one timer for all', () => {
  const { lines, clock, log } = start();
  for (let id = 0; id < 500; id++) log.info(end(id, 'econnreset', 2), 'reset');
  for (let id = 500; id < 503; id++) log.info(end(id, 'normal'), 'normal');
  log.warn({ event: 'reload_ignored' }, 'passed on');
  expect(clock.pending()).toBe(1);
  expect(lines.length).toBe(WHOLE_LINES + 3 + 1);
  clock.advance(REPEAT_WINDOW);
  expect(lines.at(-1)).toEqual({
    level: 'info',
    event: 'connection_end',
    incoming: 'econnreset',
    count: 500 - WHOLE_LINES,
    bytesIn: 2 * (500 - WHOLE_LINES),
    message: `${500 - WHOLE_LINES} more: connection_end econnreset`,
  });
  expect(clock.pending()).toBe(0);
});

test('few at a time are all whole, and no timer runs', () => {
  const { lines, clock, log } = start();
  for (let id = 0; id < 100; id++) {
    log.info(end(id, 'normal'), 'normal');
    expect(clock.pending()).toBe(0);
    clock.advance(REPEAT_WINDOW / WHOLE_LINES);
  }
  expect(lines.length).toBe(100);
});

test('nothing is lost, whatever comes when: the counts of the log are those of what was logged', () => {
  const step = tuple(
    constantFrom('normal', 'econnreset', 'etimedout'),
    integer({ min: 1, max: 40 }),
    integer({ min: 0, max: 2 * REPEAT_WINDOW }),
  );
  assert(
    property(array(step, { maxLength: 30 }), (steps) => {
      const { lines, clock, log } = start();
      const expected = new Map<string, number>();
      for (const [reason, times, pause] of steps) {
        for (let i = 0; i < times; i++) log.info(end(i, reason), reason);
        expected.set(reason, (expected.get(reason) ?? 0) + times);
        clock.advance(pause);
      }
      log.flush();
      const logged = new Map<string, number>();
      const bytes = new Map<string, number>();
      for (const { incoming, count = 1, bytesIn } of lines) {
        logged.set(String(incoming), (logged.get(String(incoming)) ?? 0) + Number(count));
        bytes.set(String(incoming), (bytes.get(String(incoming)) ?? 0) + Number(bytesIn));
      }
      expect(logged).toEqual(expected);
      expect(bytes).toEqual(expected);
      expect(clock.pending()).toBe(0);
    }),
  );
});
