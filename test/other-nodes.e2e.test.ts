import { execa } from 'execa';
import { describe, expect, test } from 'vitest';

import { ALONE, counts, RUNNERS } from '../bench/runners.ts';
import { latestReport, runPlainly } from './command-line.ts';
import { hunt, targetOf } from './hunted-program.ts';
import { leakIn } from './leak-in.ts';
import { has, nodeOf, OTHER_NODES } from './optional.ts';
import { inOwnFolder } from './own-folder.ts';
import { linesOfLeaks, TEN_LEAKS } from './ten-leaks.ts';

let out: string;
inOwnFolder((folder) => (out = folder));

const PROGRAM = 'test/programs/foreign/h2-streams.mjs';
const CASE = 'server/h2-cancelled[phase=in-body,code=cancel]';
/** Leaks of a collection, of a listener and of a timer, each with its twin. */
const NAMES = ['collection', 'emitter', 'interval'];

describe.skipIf(!has('Node.js 22, 24 and 26')).each(OTHER_NODES)('on Node.js %i', (major) => {
  const program = nodeOf(major);

  test('the reference proxy passes', async () => {
    const cases = ['faults/client-reset*', 'http2/cancel-by-client[phase=at-once*'];
    const { all } = await runPlainly([...cases.flatMap((one) => ['--case', one]), '--out', out], { program });
    const { results } = await latestReport(out);
    expect(results.length).toBeGreaterThan(7);
    expect(
      results.filter(({ verdict }) => !['passed', 'skipped'].includes(verdict)),
      String(all),
    ).toEqual([]);
  });

  test.each(['holds', 'lets-go'])('a server that %s what is cancelled is told apart', async (how) => {
    const routes = { web: { client: 'h2c' } };
    const target = await targetOf(out, { file: PROGRAM, words: [how], routes, program });
    const { results, all } = await hunt(target, [CASE], out, { program });
    const where = expect.arrayContaining([expect.objectContaining(leakIn(PROGRAM))]) as unknown;
    const leak = { kind: 'leak', resource: 'collection', where };
    expect(results[0]?.findings, all).toMatchObject(how === 'holds' ? [leak] : []);
  });

  test('noLeaks tells leaks from their twins', async () => {
    const [, ...words] = RUNNERS.node('test/programs/tests/node.test.mjs');
    const { all } = await execa(program, words, {
      all: true,
      reject: false,
      env: { ...ALONE, LEAKS: NAMES.join() },
    });
    expect(counts('node', all), all).toEqual([3, 3]);
    for (const name of NAMES) expect(all).toContain(`, from ${TEN_LEAKS}:${linesOfLeaks.get(name)}:`);
  });
});
