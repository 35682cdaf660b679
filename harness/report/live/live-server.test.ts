import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { LiveServer } from './live-server.ts';

let server: LiveServer;

beforeEach(async () => {
  server = await LiveServer.start({
    page: () => '<!doctype html>',
    caseOf: (id) => (id === 'a/b[c=d]' ? '{"id":1}' : undefined),
    first: () => [['run', '{"all":true}']],
  });
});
afterEach(() => server.close());

type Answer = { status: number | undefined; text: string; headers: Record<string, unknown> };

/** Asks the server, with any Host. */
async function ask(
  path: string,
  { method = 'GET', host }: { method?: string; host?: string } = {},
): Promise<Answer> {
  const { port, host: own } = new URL(server.url);
  const asked = request({ host: '127.0.0.1', port, path, method, headers: { host: host ?? own } });
  asked.end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += String(chunk);
  return { status: response.statusCode, text, headers: response.headers };
}

const path = (): string => new URL(server.url).pathname;

describe('the live view', () => {
  test('is on the loopback only, under a word that nobody guesses', () => {
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{32}\/$/);
  });

  test('shows its page and its cases to those who have the address', async () => {
    const page = await ask(path());
    expect(page).toMatchObject({ status: 200, text: '<!doctype html>' });
    expect(page.headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
    const { port } = new URL(server.url);
    expect((await ask(path(), { host: `localhost:${port}` })).status).toBe(200);
    expect(await ask(`${path()}case?id=a%2Fb%5Bc%3Dd%5D`)).toMatchObject({ status: 200, text: '{"id":1}' });
    expect((await ask(`${path()}case?id=x`)).status).toBe(404);
    expect((await ask(`${path()}../../etc/passwd`)).status).toBe(404);
  });

  test.each([
    ['without the word', () => '/', {}],
    ['with another', () => `/${'A'.repeat(32)}/`, {}],
    ['with a part of it', () => `${path().slice(0, 20)}/`, {}],
    ['under another host name', path, { host: 'evil.example' }],
    ['under the right name on another port', path, { host: '127.0.0.1:1' }],
    ['with a method that changes things', path, { method: 'POST' }],
  ])('refuses who comes %s', async (_, where, how) => {
    expect(await ask(where(), how)).toMatchObject({ status: 403 });
    expect((await ask(`${where()}events`, how)).text).not.toContain('all');
  });

  test('tells its readers what happens, and ends their streams when it ends', async () => {
    const { port } = new URL(server.url);
    const asked = request({ host: '127.0.0.1', port, path: `${path()}events` });
    asked.end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    response.setEncoding('utf8');
    let text = '';
    response.on('data', (chunk: string) => (text += chunk));
    await expect.poll(() => text).toBe('event: run\ndata: {"all":true}\n\n');
    server.tell('update', '{"n":1}');
    await expect.poll(() => text).toContain('event: update\ndata: {"n":1}\n\n');
    const ended = once(response, 'end');
    await server.close();
    await ended;
    // a second close, of the test's end, finds a server of its own
    server = await LiveServer.start({ page: () => '', caseOf: () => undefined, first: () => [] });
  });
});
