import { chmod, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { lastfin, temporaryFolder } from './command-line.ts';

let folder = '';
let done: () => Promise<void>;

beforeAll(async () => {
  ({ folder, done } = await temporaryFolder());
  // `lastfin` on the PATH, as after a global installation
  await chmod('dist/harness/cli/main.js', 0o755);
  await symlink(path.resolve('dist/harness/cli/main.js'), path.join(folder, 'lastfin'));
});

afterAll(() => done());

/** Completions that bash, with the script sourced, offers for a line whose cursor is at its end. */
async function offers(line: string): Promise<string[]> {
  const words = line.split(' ');
  const script = path.join(folder, 'ask.bash');
  await writeFile(
    script,
    `source <(lastfin complete bash)
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')})
COMP_CWORD=${words.length - 1}
COMP_LINE='${line}'
COMP_POINT=${line.length}
complete -p lastfin > /dev/null || exit 1
compopt() { :; }
__lastfin_complete
printf '%s\\n' "\${COMPREPLY[@]}"
`,
  );
  const env = { PATH: `${folder}:${path.dirname(process.execPath)}:${process.env['PATH'] ?? ''}` };
  const { stdout } = await execa('bash', ['--norc', '--noprofile', script], { env });
  return stdout.split('\n').filter((text) => text !== '');
}

describe('bash completes', () => {
  test('commands', async () => {
    expect(await offers('lastfin v')).toEqual(['validate']);
    expect(await offers('lastfin ')).toEqual(expect.arrayContaining(['run', 'init', 'doctor', 'complete']));
  });

  test('options', async () => {
    expect(await offers('lastfin run --re')).toEqual(
      expect.arrayContaining(['--repeat', '--retries', '--require-fidelity']),
    );
  });

  test('case ids', async () => {
    const ids = await offers('lastfin run --case faults/');
    expect(ids).toContain('faults/client-reset[phase=idle]');
    expect(ids.filter((id) => !id.startsWith('faults/'))).toEqual([]);
  });

  test('areas, targets, mutants and choices', async () => {
    expect(await offers('lastfin run ker')).toEqual(['kernel']);
    expect(await offers('lastfin list --target hap')).toEqual(['haproxy']);
    expect(await offers('lastfin mutants record-')).toEqual(['record-not-deleted']);
    expect(await offers('lastfin run --lab s')).toEqual(['single']);
  });
});

test.each(['zsh', 'fish', 'powershell'])('there is a script for %s', async (shell) => {
  const { stdout, exitCode } = await lastfin(['complete', shell]);
  expect(String(stdout)).toMatch(/lastfin['"]? complete/);
  expect(exitCode).toBe(0);
});

test('says which shells there are', async () => {
  const { all, exitCode } = await lastfin(['complete', 'nosh']);
  expect(String(all)).toContain('zsh, bash, fish, powershell');
  expect(exitCode).toBe(2);
});
