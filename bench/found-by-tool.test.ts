import { expect, test } from 'vitest';

import { lineOfLeak, whatIsFound } from './found-by-tool.ts';

const handle = (kind: string, at: string): string => `# ${kind}\n${at} - socket\n`;
const mended = handle('Timeout', 'drive.mjs:59');
const judge = (output: string): string => whatIsFound('why', { output, mended, line: 'socket.mjs:7' });

test('a leak is found with its line, with another one, or not at all', () => {
  expect(judge(mended + handle('TCPWRAP', 'leaky/socket.mjs:7'))).toBe('line');
  expect(judge(mended + handle('TCPWRAP', 'leaky/socket.mjs:70'))).toBe('other line');
  expect(judge(mended)).toBe('');
  expect(judge('')).toBe('');
});

test('findings of each tool are told by their heads', () => {
  const found = (tool: 'no-leaks' | 'vitest' | 'jest', output: string): string =>
    whatIsFound(tool, { output, mended: '', line: 'a.mjs:1' });
  expect(found('no-leaks', ' 1  leak: 8 open sockets left, from leaky/b.mjs:7:22\n')).toBe('other line');
  expect(found('vitest', 'TCPWRAP leaking in vitest/a.test.mjs\n')).toBe('other line');
  expect(found('jest', '  ●  TCPSERVERWRAP\n\n      at leaky/a.mjs:1:9\n')).toBe('line');
  // a test that fails is no leak that is found
  expect(found('jest', '  ● a test\n\n      at leaky/a.mjs:1:9\n')).toBe('');
});

test('a remark on a line of its own means the one above', () => {
  expect(lineOfLeak('a\nb // leak: timer\n')).toBe(2);
  expect(lineOfLeak('a\nb\n  // leak: timer\n')).toBe(2);
});
