import { expect, test } from 'vitest';

import { latestReport, runPlainly } from './command-line.ts';
import { has, type Optional } from './optional.ts';
import { inOwnFolder } from './own-folder.ts';

let out: string;
inOwnFolder((folder) => (out = folder));

/** A few cases of each program, one for each thing that only HTTP/2 has: the whole of them takes minutes. */
const PROGRAMS: [target: string, route: string, cases: string[], needs?: Optional][] = [
  [
    'scenarios/targets/clean/h2-gateway.yaml',
    'h2',
    ['streams', 'cancel-by-client[phase=unanswered,code=cancel]', 'abuse[with=continuation-flood]'],
  ],
  [
    'scenarios/targets/clean/h2-gateway.yaml',
    'h2-upstream',
    ['cancel-by-upstream[phase=in-answer,code=cancel]', 'goaway-by-upstream[code=no-error]'],
  ],
  ['scenarios/targets/clean/h2-gateway.yaml', 'h2-tls', ['streams']],
  ['nginx-http', 'h2', ['streams', 'abuse[with=rapid-reset]'], 'nginx'],
  ['haproxy', 'h2', ['streams', 'messages[of=trailers]'], 'haproxy'],
];

test.each(PROGRAMS.filter(([, , , needs]) => needs === undefined || has(needs)))(
  'on %s, route %s, HTTP/2 leaves nothing behind',
  async (target, route, cases) => {
    const words = ['--target', target, '--route', route, '--case', ...cases.map((one) => `http2/${one}`)];
    const { all } = await runPlainly([...words, '--out', out]);
    const { counts } = await latestReport(out);
    expect(counts, String(all)).toMatchObject({ passed: cases.length, failed: 0, error: 0 });
  },
);
