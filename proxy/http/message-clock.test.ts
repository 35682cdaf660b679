import { expect, test } from 'vitest';
import { lookPeriod, MessageClock } from './message-clock.ts';

const LIMITS = { headerTimeout: 1000, bodyTimeout: 2000, bodyMinimum: 100 };

test('a head has its time from its first byte, not from the last message', () => {
  const clock = new MessageClock(LIMITS);
  clock.whole(500);
  expect(clock.look(0, 'header', 500)).toBeUndefined();
  expect(clock.look(5000, 'header', 500)).toBeUndefined();
  expect(clock.look(5100, 'header', 501)).toBeUndefined();
  expect(clock.look(6000, 'header', 502)).toBeUndefined();
  expect(clock.look(6100, 'header', 503)).toBe('header_timeout');
});

test('a body must bring its minimum in each of its times', () => {
  const clock = new MessageClock(LIMITS);
  expect(clock.look(0, 'body', 0)).toBeUndefined();
  expect(clock.look(2000, 'body', 100)).toBeUndefined();
  expect(clock.look(3999, 'body', 101)).toBeUndefined();
  expect(clock.look(4000, 'body', 199)).toBe('body_timeout');
});

test('while nothing of the client is waited for, no clock runs', () => {
  const clock = new MessageClock(LIMITS);
  clock.look(0, 'body', 0);
  clock.look(1000, 'none', 0);
  expect(clock.look(9000, 'none', 0)).toBeUndefined();
  expect(clock.look(9001, 'body', 0)).toBeUndefined();
});

test('without limits nobody looks', () => {
  expect(lookPeriod(0, 0)).toBeUndefined();
  expect(lookPeriod(80, 0)).toBe(25);
  expect(lookPeriod(10_000, 30_000)).toBe(1000);
});
