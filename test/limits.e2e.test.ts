import { expect, test } from 'vitest';

import { hunt, targetOf } from './hunted-program.ts';
import { inOwnFolder } from './own-folder.ts';

let out: string;
inOwnFolder((folder) => (out = folder));

/** Hundreds of requests of which each takes a place of the limit. */
const HUNDREDS = 'http/hundreds-fail[how=*]';
/** Twenty requests that fail one by one. */
const BREAKS = 'http/answer-breaks[phase=in-length,by=reset]';
/** Ten requests a round, and 200 in a larger one. */
const MESSAGES = 'http/messages[request=get,answer=length]';

test.each([
  ['gives back all places', 'permits-keep', HUNDREDS],
  ['is not available for five seconds after failures', 'breaker-5000', BREAKS],
  ['is not available for half a minute after failures', 'breaker-30000', BREAKS],
  ['refuses more than some requests a minute, and keeps a table of them', 'window-150', MESSAGES],
])('a gateway that %s raises no alarm', async (_, name, id) => {
  const results = await huntGateway(name, id);
  expect(results).not.toEqual([]);
  expect(results.filter(({ verdict }) => verdict !== 'passed')).toEqual([]);
});

test.each([
  [
    'does not give back the places of failed requests',
    'permits-lose',
    HUNDREDS,
    { kind: 'recovery', served: 0 },
  ],
  ['is never available again after failures', 'breaker-Infinity', BREAKS, { kind: 'recovery', served: 0 }],
  [
    'forgets no request, and refuses more for ever',
    'quota-150',
    MESSAGES,
    { kind: 'leak', resource: 'collection' },
  ],
])('a gateway that %s is found', async (_, name, id, finding) => {
  const results = await huntGateway(name, id);
  expect(results).not.toEqual([]);
  for (const { findings } of results) expect(findings).toMatchObject([finding]);
});

/** Runs cases on the gateway with a limit; `name` has the arguments of limits.mjs, with a dash between. */
async function huntGateway(name: string, id: string) {
  const routes = { http: { client: 'http', upstream: 'http' } };
  const file = 'test/programs/foreign/limits.mjs';
  const target = await targetOf(out, { file, words: name.split('-'), routes });
  return (await hunt(target, [id], out)).results;
}
