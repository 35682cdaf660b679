import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { expect, test } from 'vitest';

import { lastfin, temporaryFolder } from './command-line.ts';

const PROGRAM = path.resolve('test/programs/ends.mjs');

const lineOf = (mark: string): number =>
  readFileSync(PROGRAM, 'utf8')
    .split('\n')
    .findIndex((line) => line.includes(`// ${mark}`)) + 1;

type Seen = {
  exitCode: number;
  programs: { how: string; thread: number; by: { line: number }[]; leaks: { where: { line: number }[] }[] }[];
};

async function check(command: string): Promise<{ exitCode: number | undefined; seen: Seen }> {
  // its output goes to where that of the command does not
  const { exitCode, stderr } = await lastfin(['check', '--with', `${command} 2> /dev/null`, '--json']);
  return { exitCode, seen: JSON.parse(String(stderr)) as Seen };
}

const node = (how: string): string => `'${process.execPath}' '${PROGRAM}' ${how}`;

test.each([
  ['clean', 0, 'end', []],
  ['exit', 1, 'exit', ['leak: server']],
  ['tidy-exit', 0, 'exit', []],
  ['unref', 1, 'end', ['leak: timers']],
  ['killed', 137, 'signal', []],
  ['error', 1, 'error', []],
  ['caught', 1, 'exit', ['leak: server']],
] as const)('a program that ends: %s', async (how, exits, told, leaks) => {
  const { exitCode, seen } = await check(node(how));
  expect({ exitCode, how: seen.programs[0]?.how }, JSON.stringify(seen)).toEqual({
    exitCode: exits,
    how: told,
  });
  expect(seen.programs[0]?.leaks.map(({ where }) => where[0]?.line)).toEqual(leaks.map(lineOf));
});

test('a process that is left on the machine is found, whoever has started it', async () => {
  const { exitCode, seen } = await check(node('orphan'));
  const [leak] = (seen.programs[0]?.leaks ?? []) as { where: { line: number }[]; sample?: string }[];
  process.kill(Number(/pid (\d+)/.exec(leak?.sample ?? '')?.[1]));
  expect(leak?.where[0]?.line).toBe(lineOf('leak: child'));
  expect(exitCode).toBe(1);
});

test.each([
  ['child', 0],
  ['thread', 1],
] as const)('children and worker threads are programs of the command, too: %s', async (how, thread) => {
  const { exitCode, seen } = await check(node(how));
  expect(seen.programs.map((one) => one.how)).toEqual(['end', 'exit']);
  const [, second] = seen.programs;
  expect(Math.sign(second?.thread ?? 0)).toBe(thread);
  expect(second?.leaks[0]?.where[0]?.line).toBe(lineOf('leak: server'));
  expect(exitCode).toBe(1);
});

test('a worker that vitest kills is looked at before', async () => {
  const root = path.resolve('test/programs/setups');
  // not that of this checkout
  const { folder, done } = await temporaryFolder();
  const config = path.join(folder, 'vitest.config.mjs');
  await writeFile(config, 'export default {};\n');
  const vitest = `'${process.execPath}' '${path.resolve('node_modules/vitest/vitest.mjs')}'`;
  const { exitCode, seen } = await check(
    `${vitest} run --config '${config}' --root '${root}' server.test.mjs > /dev/null`,
  );
  await done();
  const worker = seen.programs.find(({ how }) => how === 'runner');
  const text = readFileSync(path.join(root, 'server.test.mjs'), 'utf8').split('\n');
  const line = text.findIndex((one) => one.includes('// leak: server')) + 1;
  expect(
    worker?.leaks.map(({ where }) => where[0]?.line),
    JSON.stringify(seen),
  ).toEqual([line]);
  expect(exitCode).toBe(1);
});

test('it is said in words, with who called process.exit, and the exit code of the command stands', async () => {
  const { exitCode, stderr } = await lastfin(['check', '--with', node('exit')]);
  expect(stderr).toContain(`ended by process.exit(0) at ${PROGRAM}:${lineOf('exits')}:`);
  expect(stderr).toMatch(/1 {2}leak: 1 listening server left, from .*ends\.mjs:\d+:\d+/);
  expect(exitCode).toBe(1);
  const failing = await lastfin(['check', '--with', 'exit 7']);
  expect(failing.exitCode).toBe(7);
  const wrong = await lastfin(['check', '--with', 'true', '--pid', '1']);
  expect(wrong.exitCode).toBe(2);
});
