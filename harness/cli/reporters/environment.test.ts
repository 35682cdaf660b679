import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { describe as described } from './choice.ts';
import { defaultReporters, rootsOf } from './environment.ts';

describe('reporters without --reporter', () => {
  test.each<[Record<string, string>, boolean, string[]]>([
    [{}, false, ['terminal']],
    [{ CI: 'true' }, false, ['terminal']],
    [{ GITHUB_ACTIONS: 'true' }, false, ['terminal', 'github']],
    [{ GITHUB_ACTIONS: 'false' }, false, ['terminal']],
    [{ AI_AGENT: 'somebody' }, false, ['agent']],
    [{ AI_AGENT: '0' }, false, ['terminal']],
    [{ CLAUDECODE: '1', GITHUB_ACTIONS: 'true' }, false, ['agent', 'github']],
    [{ CURSOR_AGENT: '1' }, true, ['terminal']],
  ])('%j', (env, talkative, expected) => {
    expect(defaultReporters(env, talkative).map(described)).toEqual(expected);
  });
});

describe('the root of the repository', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await realpath(await mkdtemp(path.join(tmpdir(), 'lastfin-roots-')));
    await mkdir(path.join(folder, 'repo/.git'), { recursive: true });
    await mkdir(path.join(folder, 'repo/packages/proxy'), { recursive: true });
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('is the folder of .git above, the checkout that a CI system names, or the folder itself', () => {
    const cwd = path.join(folder, 'repo/packages/proxy');
    expect(rootsOf({}, cwd)).toEqual({ cwd, root: path.join(folder, 'repo') });
    expect(rootsOf({ CI_PROJECT_DIR: path.join(folder, 'repo/packages') }, cwd).root).toBe(
      path.join(folder, 'repo/packages'),
    );
    // a variable of somebody else's
    expect(rootsOf({ WORKSPACE: '/elsewhere' }, cwd).root).toBe(path.join(folder, 'repo'));
    expect(rootsOf({ WORKSPACE: '1' }, cwd).root).toBe(path.join(folder, 'repo'));
    expect(rootsOf({}, folder).root).toBe(folder);
  });
});
