import { expect, test } from 'vitest';

import { latestReport, runPlainly } from './command-line.ts';
import { has, type Optional } from './optional.ts';
import { inOwnFolder } from './own-folder.ts';

let out: string;
inOwnFolder((folder) => (out = folder));

/** A few cases of programs that read the messages of WebSocket or gRPC: the whole of them takes minutes. */
const PROGRAMS: [target: string, route: string, cases: string[], needs?: Optional][] = [
  [
    'scenarios/targets/clean/ws-gateway.yaml',
    'websocket',
    [
      'websocket/closes[by=upstream,code=own]',
      'websocket/leaves-without-close[by=client,phase=within-a-frame,end=reset]',
      'websocket/wrong-frames[of=reserved-bits]',
      'http/websocket-resets[phase=upstream-under-flood]',
    ],
  ],
  [
    'scenarios/targets/clean/grpc-gateway.yaml',
    'grpc',
    ['grpc/cancel[phase=in-bidi]', 'grpc/statuses[where=before-the-end]'],
  ],
  ['nginx-http', 'grpc', ['grpc/calls[kind=unary]', 'grpc/statuses[where=after-messages]'], 'nginx'],
  ['haproxy', 'h2', ['grpc/calls[kind=half-closed-bidi]'], 'haproxy'],
];

test.each(PROGRAMS.filter(([, , , needs]) => needs === undefined || has(needs)))(
  'on %s, route %s, messages leave nothing behind',
  async (target, route, cases) => {
    const words = ['--target', target, '--route', route, '--case', ...cases];
    const { all } = await runPlainly([...words, '--out', out]);
    const { counts } = await latestReport(out);
    expect(counts, String(all)).toMatchObject({ passed: cases.length, failed: 0, error: 0 });
  },
);
