import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { expect, test } from 'vitest';

import { folderOfTest } from '../../../shared/testing/folders.ts';
import { deniedInspector, missingRequirement } from './requirements.ts';

test('packages of an installed lastfin are installed into the folder of its targets', () => {
  const folder = 'node_modules/lastfin/scenarios/targets/npm';
  const required = `${process.cwd()}/${folder}/node_modules/no-such-package/index.js`;
  const missing = missingRequirement({ name: 'x', requires: [required], places: places() }, {});
  expect(missing?.want.fix).toBe(`install them: npm ci --prefix ${folder}`);
});

test.each([
  ['go.mod', 'go build -C gateway -trimpath -o built/ .'],
  ['requirements.txt', 'pip install --no-deps --target gateway/built -r gateway/requirements.txt'],
])('a program that is built by %s says how, wherever lastfin is installed', (file, fix) => {
  const root = path.join(folderOfTest(), 'node_modules/lastfin', file);
  mkdirSync(path.join(root, 'gateway'), { recursive: true });
  writeFileSync(path.join(root, 'gateway', file), '');
  const required = path.join(root, 'gateway/built/bin/gateway');
  const missing = missingRequirement({ name: 'x', requires: [required], places: places() }, {});
  const from = path.relative('', root);
  expect(missing?.want.fix).toBe(`install them: ${fix.replaceAll('gateway', `${from}/gateway`)}`);
});

test('a program that is missing is named', () => {
  const missing = missingRequirement({ name: 'x', requires: ['no-such-program'], places: places() }, {});
  expect(missing?.want).toEqual({ what: 'no-such-program', fix: 'install no-such-program' });
});

test.each(['--permission', '--experimental-permission'])(
  'a Node target with %s cannot be looked into',
  (option) => {
    const command = ['node', option, 'server.js'];
    expect(deniedInspector({ kind: 'node', command, name: 'x' })).toMatchObject({
      reason: expect.stringContaining(option) as string,
      want: { fix: expect.stringContaining('kind: program') as string },
    });
    expect(deniedInspector({ kind: 'program', command, name: 'x' })).toBeUndefined();
  },
);

function places(): { here: string; root: string; lastfin: string } {
  return { here: '/here', root: '/root', lastfin: '/lastfin' };
}
