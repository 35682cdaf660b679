import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { aResult, aRun } from '../../report/testing/sample-run.ts';
import { GuardedReporter } from './guarded-reporter.ts';
import { loadOwnReporter } from './own-reporter.ts';

let folder: string;
let count = 0;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lastfin-own-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Writes a module; a name of its own each time, since Node keeps what it has loaded. */
async function aModule(text: string): Promise<string> {
  const file = path.join(folder, `${count++}.mjs`);
  await writeFile(file, text);
  return file;
}

/** Loads a module and tells the reporter the end of a case; resolves with what it wrote. */
async function written(text: string): Promise<string> {
  let output = '';
  const reporter = await loadOwnReporter(await aModule(text), { write: (more) => (output += more) });
  await reporter.onCaseEnd?.(aResult({ id: 'x' }), []);
  return output;
}

const HOOK = 'onCaseEnd({ id }) { this.out.write(id); }';

describe('a reporter of your own', () => {
  test.each([
    [
      'a class named reporter',
      `export class Other { onRunEnd() {} } export class A { constructor(out) { this.out = out; } ${HOOK} } export { A as reporter };`,
    ],
    [
      'the only class with hooks',
      `export class Helper {} export class A { constructor(out) { this.out = out; } ${HOOK} }`,
    ],
    ['a default class', `export default class { constructor(out) { this.out = out; } ${HOOK} }`],
    [
      'a class that inherits its hook',
      `class B { constructor(out) { this.out = out; } ${HOOK} } export class A extends B {}`,
    ],
    [
      'a class whose hook is a field',
      `export class A { constructor(out) { this.out = out; } onCaseEnd = ({ id }) => this.out.write(id); }`,
    ],
  ])('%s', async (_, text) => {
    expect(await written(text)).toBe('x');
  });

  test('an object', async () => {
    expect(await written('export const reporter = { onRunEnd() {} };')).toBe('');
  });

  test.each([
    ['export const a = 1;', /exports no class or object with a hook: onRunStart, onCaseStart/],
    ['export default 3;', /exports no class or object with a hook/],
    [
      'export class A { onCaseEnd() {} } export class B { onRunEnd() {} }',
      /exports several reporters; name the one to use `reporter`/,
    ],
    ['export class A { onCaseEnded() {} onRunEnd() {} }', /no hook `onCaseEnded`; did you mean `onCaseEnd`/],
    ['export class A {}', /its class has no hook/],
    ['export const reporter = { onRunEnd: 3 };', /its `onRunEnd` is no function/],
    [
      'export class A { constructor() { throw new TypeError("no"); } onRunEnd() {} }',
      /its constructor throws: TypeError: no/,
    ],
    ['export class A {', /it cannot be loaded: \w*Error: /],
    ["import 'no-such-package';", /it cannot be loaded: Error: Cannot find package/],
    ['throw undefined;', /it cannot be loaded: undefined/],
  ])('%j is refused', async (text, message) => {
    const module = await aModule(text);
    const error = await loadOwnReporter(module, { write: () => undefined }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({
      code: 'LASTFIN_USAGE',
      message: expect.stringMatching(message),
      facts: { module },
    });
  });

  test('a file that is not there, or is a folder, is refused', async () => {
    for (const module of [path.join(folder, 'none.js'), folder])
      await expect(loadOwnReporter(module, { write: () => undefined })).rejects.toThrow(
        /there is no such file/,
      );
  });
});

describe('a hook that throws', () => {
  test('does not break the run: it is told nothing more, and the end names reporter and hook', async () => {
    const told: string[] = [];
    const guarded = new GuardedReporter(
      {
        onCaseStart: () => void told.push('start'),
        onCaseEnd: () => {
          told.push('end');
          throw new TypeError('no such field');
        },
        onRunEnd: () => void told.push('run end'),
      },
      './mine.js',
    );
    await guarded.onCaseStart({ id: 'x' });
    await guarded.onCaseEnd(aResult(), []);
    await guarded.onCaseEnd(aResult(), []);
    const error = await guarded.onRunEnd(aRun()).catch((thrown: unknown) => thrown);
    expect(told).toEqual(['start', 'end']);
    expect(error).toBeInstanceOf(LastfinError);
    expect(error).toMatchObject({
      code: 'LASTFIN_REPORTER',
      facts: { reporter: './mine.js', hook: 'onCaseEnd' },
      message: expect.stringMatching(
        /^the reporter \.\/mine\.js threw in onCaseEnd: TypeError: no such field\n +at /,
      ),
    });
  });

  test('a promise that rejects is the same, and a phase that throws as well', async () => {
    const guarded = new GuardedReporter(
      { onCasePhase: () => Promise.reject(new Error('later')) },
      './mine.js',
    );
    await guarded.onCasePhase({ id: 'x' }, 'settle');
    await expect(guarded.onRunEnd(aRun())).rejects.toThrow(/threw in onCasePhase: Error: later/);
  });

  test('a start that throws ends the run before its first case', async () => {
    const start = { lastfin: '0', started: new Date(), seed: 1, scenarios: [], targets: [] };
    const guarded = new GuardedReporter(
      {
        onRunStart: () => {
          throw new Error('early');
        },
      },
      './mine.js',
    );
    await expect(guarded.onRunStart(start)).rejects.toThrow(/threw in onRunStart: Error: early/);
  });
});
