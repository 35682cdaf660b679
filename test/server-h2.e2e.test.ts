import { expect, test } from 'vitest';

import { applies } from '../harness/suite/applies.ts';
import { selectCases } from '../harness/suite/select-cases.ts';
import { hunt, targetOf } from './hunted-program.ts';
import { leakIn } from './leak-in.ts';
import { someCells } from './some-cells.ts';
import { inOwnFolder } from './own-folder.ts';

let out: string;
inOwnFolder((folder) => (out = folder));

const PROGRAM = 'test/programs/foreign/h2-streams.mjs';

/** ms: dozens of cases, some of which wait for larger rounds */
const LONG = 600_000;

const ROUTES = { web: { client: 'h2c' } };

test.each([
  ['of streams', PROGRAM, 'lets-go'],
  ['of requests and responses', 'test/programs/foreign/h2-compat.mjs', ''],
])(
  'a server %s that lets go of what is cancelled passes what only HTTP/2 has',
  async (_, program, how) => {
    const target = await targetOf(out, { file: program, words: [how], routes: ROUTES });
    const chosen = selectCases([], { target }).filter(applies);
    const own = chosen.filter(({ testCase: { id } }) => id.startsWith('server/h2-'));
    expect(own.length).toBeGreaterThan(60);
    const ids = someCells(own.map(({ testCase }) => testCase));
    const { results, all } = await hunt(target, ids, out);
    expect(results).toHaveLength(ids.length);
    expect(
      results.filter(({ verdict }) => verdict !== 'passed'),
      all,
    ).toEqual([]);
  },
  LONG,
);

test(
  'a server that drops the state of a stream only once its request has ended is found by its line',
  async () => {
    const target = await targetOf(out, { file: PROGRAM, words: ['holds'], routes: ROUTES });
    const cases = [
      'server/h2-cancelled[phase=in-body,code=cancel]',
      'server/h2-connection-lost[phase=in-body,by=reset]',
      'server/h2-goaway[phase=cancelled,code=no-error,leaves=abandon]',
    ];
    const { results, all } = await hunt(target, cases, out);
    expect(results).toHaveLength(cases.length);
    for (const { findings } of results) {
      const where = expect.arrayContaining([expect.objectContaining(leakIn(PROGRAM))]);
      expect(findings, all).toMatchObject([{ kind: 'leak', resource: 'collection', where }]);
    }
    // the same server answers well
    const answered = await hunt(target, ['server/h2-streams[how=close]'], out);
    expect(answered.results, answered.all).toMatchObject([{ verdict: 'passed' }]);
  },
  LONG,
);
