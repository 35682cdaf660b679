import type { Position } from '../../probe/protocol.ts';

/** Frame of a Node stack trace: `at close (file:///app/src/tunnel.ts:88:12)`, `at /app/server.js:3:7`. */
const NODE_FRAME =
  /^\s*at (?:(?:async )?(?<name>.+?) \()?(?:file:\/\/)?(?<file>[^()\s:][^():]*):(?<line>\d+):(?<column>\d+)\)?$/;
/** Frame of a Python traceback, the innermost one last: `File "/app/proxy.py", line 12, in serve`. */
const PYTHON_FRAME = /^\s*File "(?<file>[^"]+)", line (?<line>\d+)(?:, in (?<name>\S+))?/;

/**
 * Finds the line of the program's own code nearest to the error in a stack trace on stderr; empty if the trace names none.
 *
 * @example
 * stackLine('TypeError: x\n    at node:net:1:2\n    at close (/app/tunnel.ts:88:12)'); // [{ file: '/app/tunnel.ts', line: 88, column: 12, name: 'close' }]
 */
export function stackLine(stderr: string): Position[] {
  const lines = stderr.split('\n');
  const node = lines.map((line) => NODE_FRAME.exec(line)).find((frame) => frame !== null && !isNodes(frame));
  const found = node ?? lines.map((line) => PYTHON_FRAME.exec(line)).findLast((frame) => frame !== null);
  const { file, line, column = '1', name } = found?.groups ?? {};
  if (file === undefined) return [];
  return [{ file, line: Number(line), column: Number(column), ...(name === undefined ? {} : { name }) }];
}

function isNodes({ groups }: RegExpExecArray): boolean {
  return groups?.['file'] === 'node' || groups?.['file']?.startsWith('node:') === true;
}
