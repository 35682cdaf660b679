import { expect, test } from 'vitest';

import { missingRequirement } from './requirements.ts';

test('packages of an installed lastfin are installed into the folder of its targets', () => {
  const folder = 'node_modules/lastfin/scenarios/targets/npm';
  const required = `${process.cwd()}/${folder}/node_modules/no-such-package/index.js`;
  const missing = missingRequirement({ name: 'x', requires: [required], places: places() }, {});
  expect(missing?.want.mend).toBe(`install them: npm ci --prefix ${folder}`);
});

test('a program that is missing is named', () => {
  const missing = missingRequirement({ name: 'x', requires: ['no-such-program'], places: places() }, {});
  expect(missing?.want).toEqual({ what: 'no-such-program', mend: 'install no-such-program' });
});

function places(): { here: string; root: string; lastfin: string } {
  return { here: '/here', root: '/root', lastfin: '/lastfin' };
}
