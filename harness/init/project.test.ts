import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { beforeEach, expect, test } from 'vitest';
import { folderOfTest } from '../../shared/testing/folders.ts';

import { readProject, sourcesOf } from './project.ts';

let folder: string;

beforeEach(() => {
  folder = folderOfTest();
});

const manifest = (text: string): void => writeFileSync(path.join(folder, 'package.json'), text);

test.each([
  'null',
  '[]',
  '"x"',
  '5',
  '{',
  '{"scripts":5}',
  '{"scripts":{"start":{}},"bin":[1,null],"main":5}',
])('a manifest %s names no program, and ends nothing', (text) => {
  manifest(text);
  expect(readProject(folder).programs).toEqual([]);
});

test('what a terminal or a YAML file would not bear is not taken from a manifest', () => {
  manifest(JSON.stringify({ name: 'a\u001B[31m\n::error::b', scripts: { start: 'node x\u001B[32m.js' } }));
  const { name, programs } = readProject(folder);
  expect(name).toBe(path.basename(folder));
  expect(programs).toEqual([]);
});

test('a named pipe in the place of the manifest, and among the sources, holds nobody up', () => {
  execFileSync('mkfifo', [path.join(folder, 'package.json'), path.join(folder, 'pipe.js')]);
  writeFileSync(path.join(folder, 'server.js'), 'process.env.PORT');
  const project = readProject(folder);
  const [program] = project.programs;
  expect(program?.command).toEqual(['node', '{{here}}/server.js']);
  if (program !== undefined) expect(sourcesOf(project, program)).toContain('process.env.PORT');
});
