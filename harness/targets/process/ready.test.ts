import { afterEach, describe, expect, test } from 'vitest';

import { Ports } from '../../lab/network/ports.ts';
import { untilReady } from './ready.ts';
import { TargetProcess } from './target-process.ts';

/** Accepts at once; /healthz says 503 until it was asked three times; then 204. /asked says how often it was. */
const SERVER = `
let asked = 0;
require('node:http').createServer((request, response) => {
  if (request.url === '/asked') return response.end(String(asked));
  if (request.url !== '/healthz') return response.writeHead(404).end();
  response.writeHead(++asked > 3 ? 204 : 503).end();
}).listen(Number(process.argv[1]), '127.0.0.1');`;

const started: TargetProcess[] = [];
afterEach(async () => {
  for (const target of started.splice(0)) await target.kill();
});

async function serverOn(port: number): Promise<TargetProcess> {
  const launch = { command: process.execPath, args: ['-e', SERVER, String(port)], env: {} };
  const target = await TargetProcess.spawn(launch, []);
  started.push(target);
  return target;
}

async function timesAsked(port: number): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/asked`);
  return answer.text();
}

describe('a target with a page that says when it is ready', () => {
  const never = new AbortController().signal;
  const nobody = { host: '127.0.0.1', port: 1 };

  test.each([
    '/healthz',
    'http://{{listen.address}}/healthz',
    'http://{{listen.host}}:{{listen.port}}/healthz',
  ])('%s: is asked until it answers with the status', async (page) => {
    const listen = { host: '127.0.0.1', port: await new Ports().take() };
    const target = await serverOn(listen.port);
    await untilReady(target, { http: page, status: 204, timeout: 20_000 }, { listen, admin: nobody }, never);
    expect(await timesAsked(listen.port)).toBe('4');
  });

  test('on the port of its administrator', async () => {
    const admin = { host: '127.0.0.1', port: await new Ports().take() };
    const target = await serverOn(admin.port);
    const page = 'http://{{admin.address}}/healthz';
    await untilReady(target, { http: page, status: 204, timeout: 20_000 }, { listen: nobody, admin }, never);
    expect(await timesAsked(admin.port)).toBe('4');
  });

  test('too late: the last answer is told', async () => {
    const listen = { host: '127.0.0.1', port: await new Ports().take() };
    const target = await serverOn(listen.port);
    await untilReady(target, { port: true, timeout: 20_000 }, { listen, admin: nobody }, never);
    const ready = untilReady(
      target,
      { http: '/', status: 200, timeout: 300 },
      { listen, admin: nobody },
      never,
    );
    await expect(ready).rejects.toMatchObject({
      code: 'LASTFIN_TARGET_START',
      message: expect.stringContaining(
        `was not ready within 300 ms (waiting for http://127.0.0.1:${listen.port}/ to answer with status 200; the last answer: 404)`,
      ) as string,
    });
  });

  test('an exit ends the wait', async () => {
    const listen = { host: '127.0.0.1', port: await new Ports().take() };
    const target = await TargetProcess.spawn(
      { command: process.execPath, args: ['-e', 'process.exit(7)'], env: {} },
      [],
    );
    const ready = untilReady(
      target,
      { http: '/', status: 200, timeout: 20_000 },
      { listen, admin: nobody },
      never,
    );
    await expect(ready).rejects.toThrow('exited with 7 before it was ready');
  });
});
