import { expect, expectTypeOf, test } from 'vitest';
import type { ValueOf } from './limit-kinds.ts';
import { LIMIT_TABLE, LIMITS_BY_NAME } from './limit-table.ts';
import { meaningOf, writtenDefault } from './limit-text.ts';
import type { Limits } from './limits.ts';
import { DEFAULT_LIMITS } from '../settings.ts';

test('the generated type has the names and types of the table', () => {
  type Table = typeof LIMIT_TABLE;
  expectTypeOf<Limits>().toEqualTypeOf<{ -readonly [Name in keyof Table]: ValueOf<Table[Name]['kind']> }>();
});

test('a limit that follows another one has no default of its own', () => {
  expect(DEFAULT_LIMITS).not.toHaveProperty('shutdownGrace');
  expect(Object.keys(DEFAULT_LIMITS)).toHaveLength(LIMITS_BY_NAME.length - 1);
});

test.each([
  ['maxLifetime', '24h'],
  ['bodyMinimum', '1KiB'],
  ['maxConnections', '0'],
  ['keepAlive', 'off'],
  ['allow', '[]'],
  ['shutdownGrace', 'grace'],
] as const)('the default of %s is written as %s', (name, written) => {
  expect(writtenDefault(LIMIT_TABLE[name])).toBe(written);
});

test('a meaning is a sentence', () => {
  expect(meaningOf(LIMIT_TABLE.allow)).toBe('Addresses and networks that may connect; empty: all.');
});
