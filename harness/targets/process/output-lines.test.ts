import { expect, test } from 'vitest';

import { OutputLines } from './output-lines.ts';

function linesOf(...pieces: string[]): { lines: string[]; dropped: number } {
  const lines: string[] = [];
  const output = new OutputLines((line) => lines.push(line));
  for (const piece of pieces) output.take(piece);
  output.end();
  return { lines, dropped: output.dropped };
}

test('lines are cut wherever the pieces are, and the last one needs no end', () => {
  expect(linesOf('a', 'b\nc\r\n', '\nd').lines).toEqual(['ab', 'c', '', 'd']);
});

test('a line without an end is cut, and what was dropped is counted', () => {
  const { lines, dropped } = linesOf('x'.repeat(50_000), 'x'.repeat(50_000), 'y\nnext\n');
  expect(lines.map((line) => line.length)).toEqual([65_536, 4]);
  expect(dropped).toBe(100_001 - 65_536);
});
