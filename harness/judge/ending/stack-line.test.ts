import { expect, test } from 'vitest';

import { stackLine } from './stack-line.ts';

test.each([
  [
    'TypeError: socket is null\n    at emit (node:events:517:28)\n    at close (file:///app/src/tunnel.ts:88:12)\n    at x (/app/y.js:1:1)',
    { file: '/app/src/tunnel.ts', line: 88, column: 12, name: 'close' },
  ],
  ['Error: x\n    at /app/server.js:3:7', { file: '/app/server.js', line: 3, column: 7 }],
  [
    'Error: x\n    at async Socket.<anonymous> (/app/server.js:3:7)',
    { file: '/app/server.js', line: 3, column: 7, name: 'Socket.<anonymous>' },
  ],
  [
    'Traceback:\n  File "/app/main.py", line 3, in <module>\n  File "/app/proxy.py", line 12, in serve\nValueError: x',
    { file: '/app/proxy.py', line: 12, column: 1, name: 'serve' },
  ],
])('%s', (stderr, expected) => {
  expect(stackLine(stderr)).toEqual([expected]);
});

test.each([
  '',
  'Segmentation fault',
  'Error: read ECONNRESET\n    at TCP.onStreamRead (node:internal/stream_base_commons:217:20)',
])('no line: %j', (stderr) => {
  expect(stackLine(stderr)).toEqual([]);
});
