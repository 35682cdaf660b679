import { expect, test } from 'vitest';

import { hunt, targetOf } from './hunted-program.ts';
import { inOwnFolder } from './own-folder.ts';

let out: string;
inOwnFolder((folder) => (out = folder));

const CASES = ['http/client-leaves[phase=in-*', 'http/load-links-reset', 'http/endings*'];
const wants = { path: '/api', headers: { Host: 'my.host', authorization: 'Bearer token' } };

const gateway = (client: string | object): Promise<string> =>
  targetOf(out, {
    file: 'test/programs/foreign/api-gateway.mjs',
    words: [],
    routes: { web: { client, upstream: 'http' } },
  });

test('a gateway that passes on one path of one host is hunted where its target file names them', async () => {
  const { results, all } = await hunt(await gateway({ protocol: 'http', ...wants }), CASES, out);
  expect(results.length).toBeGreaterThan(10);
  expect(
    results.filter(({ verdict }) => !['passed', 'skipped'].includes(verdict)),
    all,
  ).toEqual([]);
});

test('where it names none, each case is an error that says so', async () => {
  const { results, all } = await hunt(
    await gateway('http'),
    ['http/client-leaves[phase=unanswered,how=reset]'],
    out,
  );
  const reason = expect.stringMatching(
    /by 404, and passed none on: name what it passes on.*`web`/,
  ) as unknown;
  expect(results, all).toMatchObject([{ verdict: 'error', reason }]);
});
