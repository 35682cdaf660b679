import { readdirSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { execa } from 'execa';
import { expect, test } from 'vitest';

import { temporaryFolder } from './command-line.ts';

const ROOMS = ['errors', 'proxy', 'harness', 'reports', 'shared', 'vendor', 'yaml-file'];

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.includes('testing'))
    .map((file) => path.join(folder, file));
}

test('each vendor package is imported by one file', () => {
  const importers = new Map<string, string[]>();
  for (const file of ROOMS.flatMap(sources)) {
    for (const [, name] of readFileSync(file, 'utf8').matchAll(
      /^(?:import|export) (?!type)[^;]*? from '([^.'][^']*)'/gm,
    )) {
      if (name === undefined || name.startsWith('node:')) continue;
      importers.set(name, [...(importers.get(name) ?? []), file]);
    }
  }
  expect(importers.size).toBeGreaterThan(8);
  expect([...importers].filter(([, files]) => files.length > 1)).toEqual([]);
});

test.each([
  ['proxy/x.ts', '../harness/lab/ports.ts', 'Ports'],
  ['harness/judge/x.ts', '../lab/ports.ts', 'Ports'],
  ['harness/scenario/x.ts', '../run/settle.ts', 'settle'],
  ['harness/run/x.ts', '../cli/fail.ts', 'fail'],
  ['harness/probe/x.ts', '../lab/ports.ts', 'Ports'],
  ['harness/init/x.ts', '../run/settle.ts', 'settle'],
  ['harness/run/x.ts', '../init/project.ts', 'readProject'],
  ['reports/x.ts', '../harness/run/settle.ts', 'settle'],
])('the linter refuses %s importing %s', async (file, from, name) => {
  const { folder, done } = await temporaryFolder();
  await mkdir(path.join(folder, path.dirname(file)), { recursive: true });
  await writeFile(path.join(folder, file), `import { ${name} } from '${from}';\nexport const x = ${name};\n`);
  await copyFile('.oxlintrc.json', path.join(folder, '.oxlintrc.json'));
  await symlink(path.resolve('node_modules'), path.join(folder, 'node_modules'));
  const { stdout, exitCode } = await execa(path.resolve('node_modules/.bin/oxlint'), ['.'], {
    cwd: folder,
    reject: false,
  });
  await done();
  expect(stdout).toContain('no-restricted-imports');
  expect(exitCode).not.toBe(0);
});
