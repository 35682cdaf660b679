import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { beforeEach, expect, test } from 'vitest';
import { folderOfTest } from '../../shared/testing/folders.ts';

import { loadMutants } from './mutant-file.ts';

let folder: string;

beforeEach(() => {
  folder = folderOfTest();
});

const patching = (file: string): string =>
  `about: x\npart: bridge\npatch: { file: ${file}, find: a, replace: b }\ncases: [x]\nexpect: { kind: leak }\n`;

test.each([
  '../outside.ts',
  'proxy/../../outside.ts',
  '/etc/hosts.ts',
  'proxy/../harness/cli/main.ts',
  'harness/cli/main.ts',
  './proxy/forwarder.ts',
  'proxy/connection/forwarder.js',
  'proxy//forwarder.ts',
])('a patch of %s is refused: a mutant changes the reference proxy only', (file) => {
  writeFileSync(path.join(folder, 'x.yaml'), patching(file));
  expect(() => loadMutants(folder)).toThrow(/x\.yaml:3:16: .*must be a source of the reference proxy/);
});

test('a patch of a source is read', () => {
  writeFileSync(path.join(folder, 'x.yaml'), patching('proxy/tls/terminator.ts'));
  expect(loadMutants(folder)).toMatchObject([{ id: 'x', patch: [{ file: 'proxy/tls/terminator.ts' }] }]);
});

test('a part that there is not is told with those that there are', () => {
  const text = patching('proxy/tls/terminator.ts').replace('bridge', 'brige');
  writeFileSync(path.join(folder, 'x.yaml'), text);
  expect(() => loadMutants(folder)).toThrow(/x\.yaml:2:7: .*bridge/);
});

test('a folder that is not there is told', () => {
  expect(() => loadMutants(path.join(folder, 'gone'))).toThrow('mutants are files of the folder `mutants`');
});
