import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { lastfin, latestReport, temporaryFolder } from './command-line.ts';

let folder: string;
let done: () => Promise<void>;

beforeEach(async () => {
  ({ folder, done } = await temporaryFolder());
});
afterEach(() => done());

/** Gateway that ends the connection of every so-many-th request of the load without an answer; 0: of none. */
const gateway = (drops: number): string => `
import http from 'node:http';
const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;
const agent = new http.Agent({ keepAlive: true, timeout: 500 });
let count = 0;
http.createServer((request, response) => {
  const { method, url, headers } = request;
  if ('x-lastfin-load' in headers && ${drops} > 0 && ++count % ${drops} === 0) return void request.socket.end();
  const options = { agent, host: UPSTREAM_HOST, port: Number(UPSTREAM_PORT), method, path: url, headers };
  const outgoing = http.request(options, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  });
  outgoing.on('error', () => response.destroy());
  request.pipe(outgoing);
}).listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => process.exit());
`;

const TARGET = `about: a gateway
kind: node
command: [node, '{{here}}/gateway.mjs']
routes:
  http: { client: http, upstream: http }
stop: { grace: 2s }
`;

const SCENARIO = `about: Nearly all requests are answered.
route: http
connections: 1
load: { connections: 5, rate: 100, duration: 1s }
client: [open, { request: {} }, { expect: { response: 200 } }, close]
upstream: [{ expect: request }, { respond: { body: 64 } }]
expect: { load: { errors: <= 1% } }
`;

async function run(
  drops: number,
): Promise<{ exitCode: number | undefined; report: Awaited<ReturnType<typeof latestReport>> }> {
  const files = { 'gateway.mjs': gateway(drops), 'gateway.yaml': TARGET, 'load.yaml': SCENARIO };
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
  const words = ['run', path.join(folder, 'load.yaml'), '--target', path.join(folder, 'gateway.yaml')];
  const { exitCode } = await lastfin([...words, '--quiet', '--out', path.join(folder, 'out')]);
  return { exitCode, report: await latestReport(path.join(folder, 'out')) };
}

test('a proxy that drops every tenth request fails, however gracefully it ends the connection', async () => {
  const { exitCode, report } = await run(10);
  expect(exitCode).toBe(1);
  expect(report.results[0]?.findings).toMatchObject([
    { kind: 'load', what: 'errors', actual: 10, message: expect.stringContaining('(10.0%; end: 10)') },
  ]);
});

test('the same proxy without that passes', async () => {
  const { exitCode, report } = await run(0);
  expect(report.results[0]?.findings).toEqual([]);
  expect(exitCode).toBe(0);
});
