import { expect, test } from 'vitest';
import { parseBytes } from '../../../shared/yaml-file/values/bytes.ts';
import { caseSeed } from '../load/case-seed.ts';
import { closest, suggestion } from '../../../shared/yaml-file/did-you-mean.ts';
import { parseDuration } from '../../../shared/yaml-file/values/duration.ts';

test('bytes are whole numbers, with binary units', () => {
  expect([64, '64', '64B', '64KiB', '1 MiB', '1GiB'].map(parseBytes)).toEqual([
    64, 64, 64, 65536, 1048576, 1073741824,
  ]);
  for (const none of [-1, 1.5, Number.NaN, '', '64kB', '1.5KiB', 'x', '9999999999GiB', null, true]) {
    expect(parseBytes(none)).toBeUndefined();
  }
});

test('durations have a unit, or are milliseconds', () => {
  expect([0, 250, '300ms', '5s', '1.5m', '1h'].map(parseDuration)).toEqual([
    0, 250, 300, 5000, 90_000, 3_600_000,
  ]);
  for (const none of [-1, Number.POSITIVE_INFINITY, '5', '1 s', '-1s', 's', '1 year', null]) {
    expect(parseDuration(none)).toBeUndefined();
  }
});

test('the word that was meant', () => {
  const steps = ['open', 'send', 'half-close', 'close', 'reset'];
  expect(closest('sned', steps)).toBe('send');
  expect(closest('half_close', steps)).toBe('half-close');
  expect(closest('halfClose', steps)).toBe('half-close');
  expect(closest('rest', steps)).toBe('reset');
  expect(closest('wait', steps)).toBeUndefined();
  expect(suggestion('wait', steps)).toBe('; known: open, send, half-close, close, reset');
  expect(suggestion('wait', [])).toBe('; there are none');
});

test('the seed of a case is stable between versions: stored reports name it', () => {
  expect(caseSeed(1, 'faults/client-reset')).toBe(2043158672);
  expect(caseSeed(2, 'faults/client-reset')).toBe(4153474994);
});
