import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';

import { compiled } from '../../shared/package-root.ts';
import { within } from '../../shared/within.ts';
import { bulk } from '../tcp-load.ts';
import type { UpstreamPorts } from './upstream.ts';

/**
 * Runs in a network namespace of its own: MB/s directly to an upstream and through an `engine: nftables` route to it, in turns.
 * Prints them as JSON. All that it starts is in its process namespace, and ends with it.
 */
const HOST = '127.0.2.1';
const PORT = 9000;
const MS = 600;

const [rounds = '1', folder = '.'] = process.argv.slice(2);
const upstream = fork(compiled('bench/proxy/upstream.js'), [HOST], { execArgv: [] });
const [[to]] = (await once(upstream, 'message')) as [[UpstreamPorts]];
const config = path.join(folder, 'nftables.yaml');
writeFileSync(
  config,
  `listeners: [{ listen: '127.0.0.1:${PORT}', routes: [{ mode: tcp, engine: nftables, upstreams: ['${HOST}:${to.source}'] }] }]\n`,
);
const proxy = fork(compiled('proxy/cli/main.js'), ['--config', config], {
  execArgv: [],
  stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
});
const listening = once(createInterface({ input: proxy.stdout! }), 'line');
const ended = once(proxy, 'exit').then(([code]) => {
  throw new Error(`the proxy exited with ${code}`);
});
ended.catch(() => undefined);
await within(10_000, 'starting the proxy', Promise.race([listening, ended]));

const direct = (): Promise<number> => bulk(to.source, 4, MS, HOST);
const routed = (): Promise<number> => bulk(PORT, 4, MS);
await direct();
await routed();
const rates: { direct: number[]; lastfin: number[] } = { direct: [], lastfin: [] };
for (let round = 0; round < Number(rounds); round++) {
  if (round % 2 === 0) rates.direct.push(await direct());
  rates.lastfin.push(await routed());
  if (round % 2 === 1) rates.direct.push(await direct());
}
process.stdout.write(`${JSON.stringify(rates)}\n`);
proxy.kill('SIGTERM');
upstream.kill();
