import path from 'node:path';

import { expect, test } from 'vitest';

import { PACKAGE_ROOT } from '../../../../shared/package-root.ts';
import { has } from '../../../../test/optional.ts';
import { startFixture } from '../../fixtures/start-fixture.ts';

const MODULES = path.join(PACKAGE_ROOT, 'scenarios/targets/npm/node_modules');

// version 4 sets a timer of Node's for each connection that waits
test.skipIf(!has('published npm proxies')).each([
  ['4', `${MODULES}/fastify-reply-from-6.4.1/node_modules/undici/index.js`],
  ['7', `${MODULES}/undici/index.js`],
])('time-outs of connections that wait in a pool of undici %s are a part of the pool', async (_, undici) => {
  const { probe, visit, stop } = await startFixture('undici-pool.mjs', [undici]);
  try {
    await visit(2);
    await probe.baseline();
    await visit(5);
    const { suspects } = await probe.report();
    const found = suspects.map(({ resource, rule }) => `${resource} by ${rule}`);
    expect(found).toContain('socket by growth');
    expect(found.filter((one) => one.endsWith('by presence'))).toEqual([]);
  } finally {
    await stop();
  }
});
