import { expect, test } from 'vitest';
import { OneTimer } from './one-timer.ts';
import { createManualClock } from '../testing/manual-clock.ts';

function start() {
  const clock = createManualClock();
  const timers = new OneTimer(clock);
  const fired: string[] = [];
  const after = (ms: number, name = String(ms)) => timers.setTimeout(() => void fired.push(name), ms);
  return { clock, timers, fired, after };
}

test('all have one timer', () => {
  const { clock, after } = start();
  for (const ms of [1000, 60_000, 20, 86_400_000, 20]) after(ms);
  expect(clock.pending()).toBe(1);
});

test('each is called once, when it falls due, the earliest first', () => {
  const { clock, fired, after } = start();
  after(300);
  after(100);
  clock.advance(50);
  after(100, 'later 100');
  after(20);
  clock.advance(19);
  expect(fired).toEqual([]);
  clock.advance(1);
  expect(fired).toEqual(['20']);
  clock.advance(30);
  expect(fired).toEqual(['20', '100']);
  clock.advance(1000);
  expect(fired).toEqual(['20', '100', 'later 100', '300']);
  expect(clock.pending()).toBe(0);
});

test('what is cancelled is not called; with the last one the timer goes', () => {
  const { clock, fired, after } = start();
  const first = after(100);
  const second = after(200);
  first.cancel();
  first.cancel();
  expect(clock.pending()).toBe(1);
  second.cancel();
  expect(clock.pending()).toBe(0);
  clock.advance(1000);
  expect(fired).toEqual([]);
});

test('a deadline can cancel another that falls due with it', () => {
  const { clock, timers, fired, after } = start();
  timers.setTimeout(() => other.cancel(), 100);
  const other = after(100);
  clock.advance(100);
  expect(fired).toEqual([]);
  expect(clock.pending()).toBe(0);
});

test('a deadline that is over can be cancelled without harm to the others', () => {
  const { clock, fired, after } = start();
  const first = after(100);
  after(200);
  clock.advance(100);
  first.cancel();
  expect(clock.pending()).toBe(1);
  clock.advance(100);
  expect(fired).toEqual(['100', '200']);
});

test('one that starts the next keeps its period', () => {
  const { clock, timers } = start();
  const times: number[] = [];
  const again = (): void => {
    times.push(timers.now());
    timers.setTimeout(again, 25);
  };
  timers.setTimeout(again, 25);
  clock.advance(100);
  expect(times).toEqual([25, 50, 75, 100]);
});

test('a callback that throws does not take the timer of the others', () => {
  const { clock, timers, fired, after } = start();
  timers.setTimeout(() => {
    throw new Error('no');
  }, 100);
  after(100, 'second');
  after(200, 'third');
  expect(() => clock.advance(100)).toThrow('no');
  clock.advance(100);
  expect(fired).toEqual(['second', 'third']);
});
