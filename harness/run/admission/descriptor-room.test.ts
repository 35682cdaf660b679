import { expect, test } from 'vitest';

import { descriptorsFor, wantOfDescriptors } from './descriptor-room.ts';

const testCase = { connections: { count: 5_000, concurrent: 1_000 }, faults: [] };

test('a client and an upstream need a descriptor each, for the connections at once', () => {
  expect(descriptorsFor(testCase)).toBe(2_064);
});

test('a harness that may not open as many says so, and how to raise it', () => {
  expect(wantOfDescriptors(testCase, 1_024)).toMatchObject({
    reason: expect.stringMatching(
      /^1000 connections at once need \d+ open files in the harness, and it may have 1024 \(ulimit -n\)$/,
    ) as string,
    want: { what: 'open files', fix: 'ulimit -n 4096' },
  });
});

test('one that may, runs', () => {
  expect(wantOfDescriptors(testCase, 100_000)).toBeUndefined();
});
