import { expect, test } from 'vitest';
import { Deadlines } from './deadlines.ts';
import { createManualClock } from '../testing/manual-clock.ts';

test('each falls due in its turn, with one timer for all; what is deleted does not', () => {
  const clock = createManualClock();
  const due: [string, number][] = [];
  const deadlines = new Deadlines<string>(clock, 1000, (item) => due.push([item, clock.now()]));
  const added = ['a', 'b', 'c', 'd'].map((item) => {
    const deadline = deadlines.add(item, clock.now());
    clock.advance(100);
    expect(clock.pending()).toBe(1);
    return deadline;
  });
  deadlines.delete(added[0]);
  deadlines.delete(added[2]);
  clock.advance(699);
  expect(due).toEqual([]);
  clock.advance(1000);
  expect(due).toEqual([
    ['b', 1100],
    ['d', 1300],
  ]);
  expect(clock.pending()).toBe(0);
});

test('no timer without anything to watch; none at all for 0', () => {
  const clock = createManualClock();
  const deadlines = new Deadlines<string>(clock, 1000, () => expect.fail('nothing is due'));
  deadlines.delete(deadlines.add('a', 0));
  expect(clock.pending()).toBe(0);
  new Deadlines<string>(clock, 0, () => expect.fail('never')).add('a', 0);
  expect(clock.pending()).toBe(0);
});

test('one that is due may take others with it, and add new ones', () => {
  const clock = createManualClock();
  const due: string[] = [];
  const deadlines: Deadlines<string> = new Deadlines(clock, 1000, (item) => {
    due.push(item);
    if (item !== 'a') return;
    deadlines.delete(b);
    deadlines.add('c', clock.now());
  });
  deadlines.add('a', 0);
  const b = deadlines.add('b', 0);
  clock.advance(5000);
  expect(due).toEqual(['a', 'c']);
  expect(clock.pending()).toBe(0);
});
