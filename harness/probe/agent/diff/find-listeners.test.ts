import path from 'node:path';

import { expect, test } from 'vitest';

import { PACKAGE_ROOT } from '../../../../shared/package-root.ts';
import { has } from '../../../../test/optional.ts';
import { startFixture } from '../../fixtures/start-fixture.ts';

/** Installed beside the published proxies, and no dependency of lastfin. */
const UNDICI = path.join(PACKAGE_ROOT, 'scenarios/targets/npm/node_modules/undici/index.js');

test.skipIf(!has('published npm proxies'))(
  'what a pool of undici listens for on its own connections is no leak beside them',
  async () => {
    const { probe, visit, stop } = await startFixture('undici-clients.mjs', [UNDICI]);
    try {
      await visit(5);
      await probe.baseline();
      await visit(5);
      const { suspects } = await probe.report();
      expect(suspects.map(({ resource, count }) => [resource, count])).toContainEqual(['collection', 5]);
      expect(suspects.filter(({ resource }) => resource === 'listener')).toEqual([]);
    } finally {
      await stop();
    }
  },
);
