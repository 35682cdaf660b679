import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { expect, test } from 'vitest';

const ROOT = 'scenarios/universal';

/** Statuses by which a gateway may tell that its upstream has failed; which one is its own choice. */
const TOLD = [500, 502, 503, 504];

test('a universal scenario that takes one status of a failed upstream takes all of them', () => {
  const files = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter((one) =>
    one.endsWith('.yaml'),
  );
  const lists = files.flatMap((file) =>
    [...readFileSync(path.join(ROOT, file), 'utf8').matchAll(/response: \[([\d, ]+)\]/g)].map(
      ({ 1: list = '' }) => ({
        file,
        statuses: list.split(',').map(Number),
      }),
    ),
  );
  const choosy = lists.filter(
    ({ statuses }) => statuses.includes(502) && !TOLD.every((one) => statuses.includes(one)),
  );
  expect(lists.length).toBeGreaterThan(15);
  expect(choosy).toEqual([]);
});
