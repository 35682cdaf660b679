import { afterAll, beforeAll, expect, test } from 'vitest';

import { lastfin, latestReport, temporaryFolder } from './command-line.ts';

const PROGRAMS = 'test/programs/foreign';

let out: string;
let done: () => Promise<void>;

beforeAll(async () => {
  ({ folder: out, done } = await temporaryFolder());
});

afterAll(() => done());

test('an upstream that is a forward proxy grants, refuses and stays silent; who forgets it is found', async () => {
  const scenario = `${PROGRAMS}/scenarios/parent-proxy.yaml`;
  const { all } = await lastfin(['run', scenario, '--out', out]);
  expect((await latestReport(out)).counts, String(all)).toMatchObject({ passed: 5, failed: 0, error: 0 });
  const silent = ['--case', 'parent-proxy[route=connect,by=silent]'];
  await lastfin(['run', scenario, ...silent, '--target', `${PROGRAMS}/forgets-proxy.yaml`, '--out', out]);
  const { results } = await latestReport(out);
  expect(results[0]?.findings).toMatchObject([{ kind: 'leak', resource: 'socket', count: 20 }]);
});
