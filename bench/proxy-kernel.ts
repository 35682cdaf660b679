import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

import { compiled } from '../harness/lab/package-root.ts';
import { bulk, percentile } from './measures.ts';
import type { Services } from './proxy-subjects.ts';

/**
 * `bench/proxy.ts` runs this in a network namespace: one `engine: nftables` route against a direct connection, in pairs. Prints
 * the medians as JSON.
 */
const turns = Number(process.argv[2] ?? 5);
const PORT = 9000;

const upstream = fork(compiled('bench/upstream.js'), { execArgv: [] });
const [{ source }] = (await once(upstream, 'message')) as [Services];
const options = [
  '--listen',
  `127.0.0.1:${PORT}`,
  '--upstream',
  `127.0.0.1:${source}`,
  '--engine',
  'nftables',
];
const proxy = spawn(process.execPath, [compiled('proxy/main.js'), ...options], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const ended = once(proxy, 'exit');
const lines = createInterface({ input: proxy.stdout });
await Promise.race([
  new Promise((resolve) => {
    lines.on('line', (line) => line.includes('"listening"') && resolve(undefined));
  }),
  ended.then(() => {
    throw new Error('the proxy has ended');
  }),
]);
const direct: number[] = [];
const kernel: number[] = [];
for (let turn = 0; turn < turns; turn++) {
  for (const [figures, port] of turn % 2 === 0
    ? ([
        [direct, source],
        [kernel, PORT],
      ] as const)
    : ([
        [kernel, PORT],
        [direct, source],
      ] as const)) {
    figures.push(await bulk(port, 1));
  }
}
const ratios = kernel.map((figure, turn) => figure / (direct[turn] ?? Number.NaN));
const median = (values: number[]): number =>
  percentile(
    values.toSorted((a, b) => a - b),
    0.5,
  );
process.stdout.write(
  JSON.stringify({ direct: median(direct), kernel: median(kernel), ratio: median(ratios) }),
);
proxy.kill('SIGTERM');
await ended;
upstream.disconnect();
