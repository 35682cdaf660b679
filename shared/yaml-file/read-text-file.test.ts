import { execFileSync } from 'node:child_process';
import { truncateSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';

import { expect, test } from 'vitest';
import { folderOfFile } from '../testing/folders.ts';

import { readTextFile } from './read-text-file.ts';

const folder = folderOfFile();
const at = (name: string): string => path.join(folder, name);

test('a file is read as text, without its byte order mark', () => {
  writeFileSync(at('bom'), '\uFEFFa: ü\n');
  expect(readTextFile(at('bom'))).toBe('a: ü\n');
});

test('an empty file, and one whose size is not known before', () => {
  writeFileSync(at('empty'), '');
  expect(readTextFile(at('empty'))).toBe('');
  if (process.platform === 'linux') expect(readTextFile('/proc/self/status')).toContain('Pid:');
});

test('a named pipe, a device, a socket and a folder are refused at once', async () => {
  execFileSync('mkfifo', [at('pipe')]);
  const server = net.createServer().listen(at('socket'));
  await new Promise((resolve) => server.once('listening', resolve));
  expect(() => readTextFile(at('pipe'))).toThrow('it is a named pipe, not a file');
  expect(() => readTextFile('/dev/zero')).toThrow('it is a device, not a file');
  expect(() => readTextFile(folder)).toThrow('it is a folder, not a file');
  expect(() => readTextFile(at('socket'))).toThrow(/ENXIO|a socket/);
  server.close();
});

test('a file over the limit is refused before it is read', () => {
  writeFileSync(at('large'), '');
  truncateSync(at('large'), 8 * 1024 ** 3);
  expect(() => readTextFile(at('large'))).toThrow('it has 8589934592 bytes; 16777216 is the limit');
});
