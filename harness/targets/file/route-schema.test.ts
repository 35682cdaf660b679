import { expect, test } from 'vitest';

import { refineTransport } from '../../scenario/transport.ts';
import { refusal } from '../../scenario/testing/plan-text.ts';
import { parseTarget } from './target-file.ts';
import { type Target } from './target.ts';

function parse(routes: string): Target {
  const text = `about: a program\nkind: node\ncommand: [node, main.mjs]\nroutes: ${routes}\n`;
  return parseTarget(text, { file: 'x.yaml', places: { here: '.', root: '.', lastfin: '.' } });
}

test.each(['http', 'https'])('clients that speak %s, and no word on an upstream, make a server', (client) => {
  const { http } = parse(`{ http: { client: ${client} } }`).routes;
  expect(http?.upstream).toBeUndefined();
  expect(http?.request).toEqual({ method: 'GET', path: '/', headers: {}, body: 0 });
});

test.each(['websocket', 'websocket-frames', 'wss-frames', 'grpc', 'grpcs', 'h2', 'h2c'])(
  'clients that speak %s, and no word on an upstream, make a server, too',
  (client) => {
    const { one } = parse(`{ one: { client: ${client} } }`).routes;
    expect(one?.upstream).toBeUndefined();
  },
);

test('a server of gRPC is asked for its health, unless its sample says otherwise', () => {
  const { one, other } = parse(
    '{ one: { client: grpc }, other: { client: grpc, request: { path: /a.B/C, text: "" } } }',
  ).routes;
  expect(one?.request).toMatchObject({ method: 'POST', path: '/grpc.health.v1.Health/Check', body: 5 });
  expect(other?.request).toMatchObject({ path: '/a.B/C', body: 0 });
});

test('any route can say that there is no upstream, and what its clients ask for', () => {
  const { tcp, web, ws } = parse(
    `{ tcp: { upstream: none, request: "PING\\r\\n" }, web: { client: http, request: { path: /a, body: 4KiB } }, ws: { client: websocket, upstream: none } }`,
  ).routes;
  expect(tcp).toMatchObject({ client: { protocol: 'bytes' }, request: 'PING\r\n' });
  expect(web?.request).toMatchObject({ method: 'POST', path: '/a', body: 4096 });
  expect([tcp, web, ws].map((one) => one?.upstream)).toEqual([undefined, undefined, undefined]);
  expect(ws?.request).toBeUndefined();
});

test('a sample can have a body of text, with its headers, and is a POST by itself', () => {
  const { web, h2 } = parse(
    `{ web: { client: http, request: { path: /graphql, headers: { content-type: application/json }, text: '{"query":"{ grüße }"}' } }, h2: { client: h2c, request: { method: PUT, text: a=1 } } }`,
  ).routes;
  const text = '{"query":"{ grüße }"}';
  const headers = { 'content-type': 'application/json' };
  expect(web?.request).toEqual({ method: 'POST', path: '/graphql', headers, text, body: text.length + 2 });
  expect(h2?.request).toEqual({ method: 'PUT', path: '/', headers: {}, text: 'a=1', body: 3 });
});

test('proxies keep their upstream', () => {
  const { tcp, http } = parse('{ tcp: {}, http: { client: http, upstream: https } }').routes;
  expect(tcp?.upstream?.protocol).toBe('bytes');
  expect(http?.upstream?.protocol).toBe('http');
  expect(http?.request).toBeUndefined();
});

test.each([
  [
    '{ http: { client: http, upstream: http, request: { path: / } } }',
    'is for servers: say `upstream: none`',
  ],
  ['{ http: { client: http, request: "PING" } }', 'the clients of this route speak http'],
  ['{ tcp: { upstream: none, request: { path: / } } }', 'the clients of this route do not speak http'],
  ['{ http: { client: http, request: { method: get } } }', 'must be a method in capitals'],
  ['{ http: { client: http, request: 7 } }', 'must be text'],
  [
    '{ http: { client: http, request: { body: "a=1" } } }',
    '`routes.http.request.body` must be a number of bytes, such as 64 or 64KiB (a body of text goes into `text`)',
  ],
  ['{ http: { client: http, request: { body: 64, text: a=1 } } }', 'a request has one of them'],
  ['{ http: { client: h2c, request: { headers: { Connection: close } } } }', 'has the header `Connection`'],
])('refuses %s', (routes, message) => {
  expect(refusal(() => parse(routes), 'LASTFIN_TARGET_INVALID')).toContain(message);
});

test('a running program needs the address of its upstream, unless it is a server', () => {
  const attach = (routes: string): Target =>
    parseTarget(`about: x\nkind: program\nattach: { listen: '127.0.0.1:9' }\nroutes: ${routes}\n`, {
      file: 'x.yaml',
      places: { here: '.', root: '.', lastfin: '.' },
    });
  expect(attach('{ http: { client: http } }').attach?.upstream).toBeUndefined();
  expect(refusal(() => attach('[tcp]'), 'LASTFIN_TARGET_INVALID')).toContain('needs `upstream`');
});

test('requests and handshakes have a path and fields that the target wants, which a word of a scenario does not take away', () => {
  const wants = 'path: /live, headers: { Cookie: a=b, x-room: 7 }';
  const { ws, web } = parse(
    `{ ws: { client: { protocol: websocket, ${wants} } }, web: { client: { protocol: http, ${wants} } } }`,
  ).routes;
  const asked = { path: '/live', headers: { cookie: 'a=b', 'x-room': '7' } };
  expect(ws?.client).toEqual({ protocol: 'websocket', ...asked });
  expect(web?.client).toEqual({ protocol: 'http', ...asked });
  const changed = refineTransport.bind(undefined, ws!.client);
  expect(changed('wss-frames')).toMatchObject({ protocol: 'websocket-frames', ...asked });
  expect(changed({ path: '/other' })).toMatchObject({ ...asked, path: '/other' });
  expect(refineTransport(web!.client, 'h2')).toMatchObject({ protocol: 'h2', ...asked });
  // what a handshake asks for is for no request, and for no other protocol
  expect(changed('http')).toEqual({ protocol: 'http' });
  expect(changed({ protocol: 'bytes' })).toEqual({ protocol: 'bytes' });
});

test.each([
  ['{ protocol: socks5, path: /live }', 'routes.ws.client.path` is for requests: say `protocol: http`'],
  ['{ headers: { cookie: a=b } }', 'routes.ws.client.headers` is for requests'],
  ['{ protocol: websocket, path: live }', 'must begin with /'],
  ['{ protocol: http, headers: { Upgrade: h2c } }', 'is a field that clients write by themselves'],
  ['{ protocol: websocket, headers: { "a b": c } }', 'must be the name of a header field'],
])('what nobody can ask for is an error that says why: %s', (client, message) => {
  const read = (): unknown => parse(`{ ws: { client: ${client} } }`);
  expect(refusal(read, 'LASTFIN_TARGET_INVALID')).toContain(message);
});
