import { expect, test } from 'vitest';

import { isLevel } from './is-level.ts';

/** After how many rounds a series is level; undefined: never. */
function levelAfter(memory: readonly number[], least = 800): number | undefined {
  const at = memory.findIndex((_, index) => isLevel(memory.slice(0, index + 1), least));
  return at === -1 ? undefined : at + 1;
}

test('a clean proxy on Node 24 rests on its way from 24 to 126 MiB', () => {
  // as measured, 200 connections a round; it stayed level for good only later
  const climb = [
    28616, 31788, 41692, 43988, 44952, 45968, 47260, 49304, 55152, 55264, 60100, 63748, 63856, 66084, 66196,
    66312, 68196, 68368, 71032, 71036, 71040, 71040, 75072, 79504, 84672, 84948, 85496, 89620, 93888, 98028,
  ];
  expect(levelAfter(climb)).toBeLessThanOrEqual(22);
});

test.each([
  ['goes up evenly', Array.from({ length: 200 }, (_, index) => 20_000 + 1_000 * index)],
  [
    'is a saw whose teeth rise',
    Array.from({ length: 200 }, (_, index) => 20_000 + 2_000 * index + 3_000 * (index % 3)),
  ],
])('a leak that %s is never level', (_, memory) => {
  expect(levelAfter(memory)).toBeUndefined();
});

test('what stays as it is, or falls, is level', () => {
  expect(levelAfter([50_000, 50_010, 50_020, 50_030, 50_040, 50_050])).toBe(5);
  expect(levelAfter([90_000, 50_000, 60_000, 70_000, 80_000])).toBe(5);
});
