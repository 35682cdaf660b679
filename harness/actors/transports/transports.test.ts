import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import tls from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { type Certificates, createCertificates } from '../../lab/certificates.ts';
import { Teardown } from '../../lab/teardown.ts';
import { TRANSPORT_WORDS, type Transport } from '../../scenario/transport.ts';
import type { Step } from '../../scenario/step.ts';
import { clientHello } from './tls/client-hello.ts';
import { HttpClient } from './http/http-client.ts';
import { HttpServerConnection } from './http/http-server.ts';
import { acceptTransport, openTransport } from './open-transport.ts';
import { TransportRefused } from './pipe.ts';
import { seenFrom } from '../seen-from.ts';
import { SilentPipe } from './tls/stalled-handshake.ts';
import { Tls12Client } from './tls/tls12-client.ts';
import { proxyHeader, recognizeProxyHeader } from './proxy-header.ts';
import { UPSTREAM_MARK } from './http/upstream-mark.ts';

// Tests each transport against Node's own server or client of that protocol.

const teardown = new Teardown();
afterEach(() => teardown.run());

const certificates = (): Promise<Certificates> => createCertificates(teardown);

async function listen(server: net.Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  teardown.add('a server', () => void server.close());
  return (server.address() as net.AddressInfo).port;
}

async function connect(port: number): Promise<net.Socket> {
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  teardown.add('a socket', () => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

const labOf = (pem: Certificates['pem'] | undefined, port: number) => ({
  pem,
  upstream: { host: '127.0.0.1', port },
});

/** Scripts: sent bytes make up the body of one request, unless the script makes its requests itself. */
const SENDS: readonly Step[] = [{ kind: 'send', bytes: 5 }];
const ASKS: readonly Step[] = [{ kind: 'ask' }];

const TLS = (change: Partial<Transport['tls']> = {}): Transport => ({
  ...TRANSPORT_WORDS.tls,
  tls: { servername: 'a.lastfin.test', ...change },
});

test.each([
  ['as it comes', {}, 'a.lastfin.test'],
  ['with another name', { servername: 'b.lastfin.test' }, 'b.lastfin.test'],
  ['without a name', { servername: false }, false],
  ['of TLS 1.2', { version: '1.2' }, 'a.lastfin.test'],
  ['cut in pieces', { pieces: 7 }, 'a.lastfin.test'],
] as const)('a TLS client %s is heard by a TLS server', async (_how, change, name) => {
  const { pem } = await certificates();
  const heard: unknown[] = [];
  const server = tls.createServer({ cert: pem.certificate, key: pem.key, allowHalfOpen: true }, (socket) => {
    heard.push(socket.servername, socket.getProtocol());
    socket.pipe(socket);
  });
  const port = await listen(server);
  const pipe = await openTransport(await connect(port), TLS(change), labOf(pem, port), []);
  pipe.end('hello');
  expect((await buffer(pipe)).toString()).toBe('hello');
  expect(heard).toEqual([name, 'version' in change ? 'TLSv1.2' : 'TLSv1.3']);
});

test.each([{}, { pieces: 40 }, { version: '1.2' }] as const)(
  'a TLS client %o that stalls at once reads nothing, and all once it resumes',
  async (change) => {
    const size = 4 * 1024 * 1024;
    const { pem } = await certificates();
    const server = tls.createServer({ cert: pem.certificate, key: pem.key });
    const port = await listen(server);
    const accepted = once(server, 'secureConnection') as Promise<[tls.TLSSocket]>;
    const pipe = await openTransport(await connect(port), TLS(change), labOf(pem, port), []);
    let got = 0;
    pipe.on('data', (chunk: Buffer) => (got += chunk.length));
    pipe.resume();
    pipe.pause();
    const [socket] = await accepted;
    socket.write(Buffer.alloc(64 * 1024));
    // after that many turns the bytes that the kernel holds for the client would have been read
    for (let turn = 0; turn < 5; turn++) {
      const heard = once(socket, 'data');
      pipe.write('still here');
      await heard;
    }
    expect(got).toBe(0);
    socket.end(Buffer.alloc(size));
    pipe.resume();
    await once(pipe, 'end');
    expect(got).toBe(size + 64 * 1024);
  },
);

test('a certificate of somebody else is refused, unless it is named as one to trust', async () => {
  const [{ pem }, stranger] = [await certificates(), await certificates()];
  const server = tls.createServer({ cert: stranger.pem.certificate, key: stranger.pem.key });
  server.on('tlsClientError', () => undefined);
  const port = await listen(server);
  const opening = openTransport(await connect(port), TLS(), labOf(pem, port), []);
  await expect(opening).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  const trusting = TLS({ ca: stranger.files.certificate });
  const pipe = await openTransport(await connect(port), trusting, labOf(pem, port), []);
  expect(pipe).toMatchObject({ authorized: true });
});

test.each(['1.2', '1.3'] as const)(
  'a client of TLS %s resumes a session, where it is asked to',
  async (version) => {
    const { pem } = await certificates();
    const server = tls.createServer({ cert: pem.certificate, key: pem.key }, (socket) => socket.pipe(socket));
    const port = await listen(server);
    const resumed: boolean[] = [];
    for (const resume of [true, true, false]) {
      const pipe = await openTransport(await connect(port), TLS({ version, resume }), labOf(pem, port), []);
      resumed.push((pipe as tls.TLSSocket).isSessionReused());
      pipe.end('x');
      await buffer(pipe);
    }
    expect(resumed).toEqual([false, true, false]);
  },
);

const deferred = (): { promise: Promise<void>; resolve: () => void } => {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve: () => resolve() };
};

describe('certificates of clients', () => {
  const SERVER = TLS({ clientCertificate: 'required' });

  /** How the upstream and the client see a handshake in which the client shows this certificate. */
  async function shake(client: Partial<Transport['tls']>): Promise<{ upstream: string; client: string }> {
    const { pem } = await certificates();
    let upstream = 'none';
    const told = deferred();
    const server = net.createServer((socket) => {
      acceptTransport(socket, SERVER, labOf(pem, 0), () => undefined).then(
        (stream) => {
          upstream = 'open';
          stream.end();
          told.resolve();
        },
        (error: unknown) => {
          upstream = seenFrom(error);
          socket.destroy();
          told.resolve();
        },
      );
    });
    const port = await listen(server);
    const seen = await openTransport(await connect(port), TLS(client), labOf(pem, port), []).then(
      async (pipe) => {
        const ended = once(pipe, 'end').then(() => 'end');
        pipe.resume();
        return Promise.race([ended, once(pipe, 'error').then(([error]) => seenFrom(error))]).catch(seenFrom);
      },
      (error: unknown) => seenFrom(error),
    );
    await told.promise;
    return { upstream, client: seen };
  }

  test.each([
    ['lab', '1.3', { upstream: 'open', client: 'end' }],
    ['lab', '1.2', { upstream: 'open', client: 'end' }],
    [
      'none',
      '1.3',
      {
        upstream: 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE',
        client: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
      },
    ],
    [
      'none',
      '1.2',
      {
        upstream: 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE',
        client: 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
      },
    ],
    ['stranger', '1.2', { upstream: 'stranger', client: 'end' }],
    ['expired', '1.2', { upstream: 'stranger', client: 'end' }],
  ] as const)('%s over TLS %s', async (certificate, version, seen) => {
    expect(await shake({ certificate, version })).toEqual(seen);
  });
});

test.each([
  ['expired', 'CERT_HAS_EXPIRED'],
  ['wrong-host', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ['stranger', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
] as const)('an upstream whose certificate is %s is refused with %s', async (certificate, code) => {
  const { pem } = await certificates();
  const server = net.createServer((socket) => {
    acceptTransport(socket, TLS({ certificate }), labOf(pem, 0), () => undefined).catch(() => undefined);
  });
  const port = await listen(server);
  const socket = tls.connect({ port, host: '127.0.0.1', ca: pem.authority, servername: 'a.lastfin.test' });
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
  expect(error.code).toBe(code);
});

describe('a handshake stalls', () => {
  test.each([
    [1, '1.3'],
    [2, '1.3'],
    [2, '1.2'],
  ] as const)(
    "of a client, at its flight %s of TLS %s, until the server's patience is over",
    async (stall, version) => {
      const { pem } = await certificates();
      const options = { cert: pem.certificate, key: pem.key, handshakeTimeout: 200 };
      const server = tls.createServer(options, () => {
        throw new Error('the handshake was done');
      });
      const gaveUp = new Promise<Error>((resolve) => {
        server.on('tlsClientError', (error, socket) => {
          socket.destroy();
          resolve(error);
        });
      });
      const port = await listen(server);
      const pipe = await openTransport(await connect(port), TLS({ stall, version }), labOf(pem, port), []);
      const ended = once(pipe, 'end');
      pipe.resume();
      expect(await gaveUp).toMatchObject({ code: 'ERR_TLS_HANDSHAKE_TIMEOUT' });
      await ended;
    },
  );

  test.each([
    [1, '1.3'],
    [2, '1.2'],
  ] as const)(
    'of an upstream, at its flight %s of TLS %s, and the client hears no more',
    async (stall, version) => {
      const { pem } = await certificates();
      const stalled = new Promise<Duplex>((resolve, reject) => {
        const server = net.createServer((socket) => {
          acceptTransport(socket, TLS({ stall, version }), labOf(pem, 0), () => undefined).then(
            resolve,
            reject,
          );
        });
        void listen(server).then((port) => {
          const socket = tls.connect({
            port,
            host: '127.0.0.1',
            ca: pem.authority,
            servername: 'a.lastfin.test',
          });
          teardown.add('a client', () => void socket.destroy());
          socket.on('secureConnect', () => reject(new Error('the handshake was done'))).on('error', reject);
        });
      });
      await expect(stalled).resolves.toBeInstanceOf(SilentPipe);
    },
  );
});

test('a client of TLS 1.2 renegotiates with a server of Node, under the same name and another', async () => {
  const { pem } = await certificates();
  const names: unknown[] = [];
  const server = tls.createServer({ cert: pem.certificate, key: pem.key }, (socket) => {
    socket.on('secure', () => names.push(socket.servername));
    socket.pipe(socket);
  });
  const told: string[] = [];
  server.on('keylog', (line: Buffer) => told.push(String(line)));
  const port = await listen(server);
  const client = new Tls12Client(await connect(port), pem);
  const keys: string[] = [];
  client.on('keylog', (line: Buffer) => keys.push(String(line)));
  await client.secured('a.lastfin.test');
  for (const name of ['a.lastfin.test', 'b.lastfin.test']) {
    client.begin(name);
    await once(client, 'progress');
  }
  const echoed = buffer(client);
  client.end('x'.repeat(100_000));
  expect((await echoed).length).toBe(100_000);
  expect(client.handshakes).toBe(3);
  expect(names).toEqual(['a.lastfin.test', 'b.lastfin.test']);
  expect(keys).toHaveLength(3);
  expect(told).toEqual(expect.arrayContaining(keys.slice(0, 1)));
});

test('a client of TLS 1.2 refuses the certificate of a stranger, and a server that leaves', async () => {
  const [{ pem }, stranger] = [await certificates(), await certificates()];
  const other = tls.createServer({ cert: stranger.pem.certificate, key: stranger.pem.key });
  other.on('tlsClientError', () => undefined);
  const wrong = new Tls12Client(await connect(await listen(other)), pem);
  await expect(wrong.secured('a.lastfin.test')).rejects.toMatchObject({ seen: 'stranger' });
  const leaver = net.createServer((socket) => socket.end());
  const left = new Tls12Client(await connect(await listen(leaver)), pem);
  await expect(left.secured('a.lastfin.test')).rejects.toMatchObject({ seen: 'end' });
});

test('a FIN in the handshake is an end, not an error', async () => {
  const { pem } = await certificates();
  const ended = new Promise<unknown>((resolve) => {
    const server = net.createServer({ allowHalfOpen: true }, (socket) => {
      acceptTransport(socket, TLS(), labOf(pem, 0), () => undefined).catch(resolve);
    });
    void listen(server).then(async (port) => (await connect(port)).end());
  });
  expect(await ended).toMatchObject({ seen: 'end' });
});

test.each(['http', 'http-absolute'] as const)(
  'the body of %s is what is sent, and its answer what comes',
  async (word) => {
    const heard: unknown[] = [];
    const server = http.createServer((request, response) => {
      heard.push(request.method, request.url, request.headers.host);
      if (request.headers['x-own'] === undefined) response.setHeader(UPSTREAM_MARK, '1');
      else response.statusCode = 502;
      request.pipe(response);
    });
    const port = await listen(server);
    const pipe = await openTransport(
      await connect(port),
      TRANSPORT_WORDS[word],
      labOf(undefined, port),
      SENDS,
    );
    pipe.end('hello');
    expect((await buffer(pipe)).toString()).toBe('hello');
    const host = `127.0.0.1:${port}`;
    const own = await openTransport(await connect(port), TRANSPORT_WORDS[word], labOf(undefined, port), ASKS);
    if (own instanceof HttpClient)
      own.request({ method: 'POST', path: '/', headers: { 'x-own': '1', connection: 'close' }, body: 5 });
    own.write('hello');
    // the proxy's own text is not counted as the upstream's bytes
    expect((await buffer(own)).toString()).toBe('');
    expect(heard.splice(3)).toHaveLength(3);
    expect(heard).toEqual(['POST', word === 'http' ? '/' : `http://${host}/`, host]);
  },
);

test('a refusal is seen by its status, an answer that breaks off as truncated', async () => {
  const server = http.createServer((request, response) => {
    if (request.headers['x-break'] === undefined) response.writeHead(503).end();
    else response.writeHead(200, { 'content-length': 10 }).write('12345', () => response.socket?.end());
  });
  const port = await listen(server);
  const seen = async (explicit: boolean): Promise<unknown> => {
    const pipe = await openTransport(
      await connect(port),
      TRANSPORT_WORDS.http,
      labOf(undefined, port),
      explicit ? ASKS : SENDS,
    );
    pipe.resume();
    if (pipe instanceof HttpClient && explicit)
      pipe.request({ method: 'GET', path: '/', headers: { 'x-break': '1' }, body: 0 });
    return (await once(pipe, 'seen'))[0];
  };
  expect(await seen(false)).toBe('503');
  expect(await seen(true)).toBe('truncated');
});

test('CONNECT and WebSocket give the raw bytes, or the status of the refusal', async () => {
  const server = http.createServer();
  const echo = (socket: Duplex, head: string): void => {
    socket.write(head);
    socket.pipe(socket);
  };
  server.on('connect', (request, socket: Duplex) => {
    if (request.url === '127.0.0.1:1') socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    else echo(socket, 'HTTP/1.1 200 OK\r\n\r\n');
  });
  server.on('upgrade', (request, socket: Duplex) => {
    socket.end(`HTTP/1.1 401 Unauthorized\r\nx-key: ${request.headers['sec-websocket-key']}\r\n\r\n`);
  });
  const port = await listen(server);
  const open = async (transport: Transport, to: number) =>
    openTransport(await connect(port), transport, labOf(undefined, to), []);
  const pipe = await open(TRANSPORT_WORDS.connect, port);
  pipe.write('hello');
  pipe.resume();
  expect(String((await once(pipe, 'data'))[0])).toBe('hello');
  await expect(open(TRANSPORT_WORDS.connect, 1)).rejects.toThrow(new TransportRefused('403'));
  await expect(open(TRANSPORT_WORDS.websocket, 1)).rejects.toThrow(new TransportRefused('401'));
});

test('SOCKS5 gives the raw bytes of a tunnel to an address or a name, or the number of the refusal', async () => {
  const asked: string[] = [];
  const server = net.createServer((socket) => {
    socket.once('data', (greeting) => {
      if (greeting.toString('hex') !== '050100') socket.destroy();
      // in pieces, as a network may deliver them
      socket.write(Buffer.from('05', 'hex'), () => socket.write(Buffer.from('00', 'hex')));
      socket.once('data', (request) => {
        asked.push(request.toString('hex'));
        if (request.at(-1) === 1) {
          socket.end(Buffer.from('0505', 'hex'));
          return;
        }
        // bound to an IPv4 address, or to a name; the first byte of the tunnel arrives with the reply
        const bound = request[3] === 1 ? '017f0000010001' : '0303666f6f0001';
        socket.write(Buffer.from(`050000${bound}21`, 'hex'));
        socket.pipe(socket);
      });
    });
  });
  const port = await listen(server);
  const open = async (host: string, to: number) =>
    openTransport(
      await connect(port),
      TRANSPORT_WORDS.socks5,
      { pem: undefined, upstream: { host, port: to } },
      [],
    );
  for (const host of ['127.0.0.1', '::1', 'foo']) {
    const pipe = await open(host, 0x1f90);
    pipe.end('hello');
    const chunks: Buffer[] = [];
    for await (const chunk of pipe) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).toString()).toBe('!hello');
  }
  expect(asked).toEqual(['050100017f0000011f90', `05010004${'00'.repeat(15)}011f90`, '0501000303666f6f1f90']);
  await expect(open('127.0.0.1', 1)).rejects.toThrow(new TransportRefused('socks-5'));
});

test('the upstream answers a Node client, also on a connection that is kept', async () => {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    // eslint-disable-next-line no-new
    new HttpServerConnection(socket, (exchange) => exchange.pipe(exchange));
  });
  const port = await listen(server);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  teardown.add('the agent', () => agent.destroy());
  const ask = async (body: string): Promise<string> => {
    const request = http.request({ port, host: '127.0.0.1', agent, method: 'POST' });
    request.end(body);
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    return (await buffer(response)).toString();
  };
  expect([await ask('one'), await ask('two'), await ask('x'.repeat(100_000))]).toEqual([
    'one',
    'two',
    'x'.repeat(100_000),
  ]);
  expect(sockets.size).toBe(1);
});

test('a ClientHello by itself is one that a TLS server understands', async () => {
  const { pem } = await certificates();
  const name = new Promise((resolve) => {
    const server = tls.createServer({
      cert: pem.certificate,
      key: pem.key,
      SNICallback: (servername, done) => {
        resolve(servername);
        done(null);
      },
    });
    server.on('tlsClientError', () => undefined);
    void listen(server).then(async (port) =>
      (await connect(port)).write(await clientHello('c.lastfin.test')),
    );
  });
  expect(await name).toBe('c.lastfin.test');
  expect((await clientHello(false, 12_000)).length).toBeGreaterThan(12_000);
});

const SOURCE = { address: '127.0.0.1', port: 4000 };
const DESTINATION = { address: '127.0.0.1', port: 443 };

test('PROXY headers are those of the specification, and are known however they are cut', () => {
  const v1 = proxyHeader({ version: 'v1' }, SOURCE, DESTINATION);
  expect(v1.toString()).toBe('PROXY TCP4 127.0.0.1 127.0.0.1 4000 443\r\n');
  const v2 = proxyHeader({ version: 'v2' }, SOURCE, DESTINATION);
  expect(v2.toString('hex')).toBe('0d0a0d0a000d0a515549540a2111000c7f0000017f0000010fa001bb');
  const v6 = proxyHeader({ version: 'v2' }, { address: '2001:db8::1', port: 1 }, { address: '::1', port: 2 });
  expect(recognizeProxyHeader(v6)?.value).toEqual({
    source: { address: '2001:db8::1', port: 1 },
    destination: { address: '::1', port: 2 },
  });
  const fields = proxyHeader({ version: 'v2', tlv: 12 }, SOURCE, DESTINATION);
  expect(fields.toString('hex')).toBe(
    '0d0a0d0a000d0a515549540a211100187f0000017f0000010fa001bbe00009787878787878787878',
  );
  const local = proxyHeader({ version: 'v2', anonymous: true }, SOURCE, DESTINATION);
  expect(local.toString('hex')).toBe('0d0a0d0a000d0a515549540a20000000');
  const unknown = proxyHeader({ version: 'v1', anonymous: true }, SOURCE, DESTINATION);
  expect(unknown.toString()).toBe('PROXY UNKNOWN\r\n');
  for (const header of [local, unknown])
    expect(recognizeProxyHeader(header)).toEqual({ value: undefined, length: header.length });
  for (const header of [v1, v2, fields]) {
    for (let cut = 1; cut < header.length; cut++)
      expect(recognizeProxyHeader(header.subarray(0, cut))).toBeUndefined();
    const withMore = Buffer.concat([header, Buffer.from('more')]);
    expect(recognizeProxyHeader(withMore)).toEqual({
      value: { source: SOURCE, destination: DESTINATION },
      length: header.length,
    });
  }
  expect(() => recognizeProxyHeader(Buffer.from('GET'))).toThrow('no-proxy-header');
});

test.each(['connect', 'socks5'] as const)(
  'an upstream that is a %s proxy grants or refuses',
  async (word) => {
    const answers = [undefined, word === 'connect' ? 502 : 5];
    const server = net.createServer({ allowHalfOpen: true }, (socket) => {
      const answer = answers.shift();
      const transport = { ...TRANSPORT_WORDS[word], ...(answer === undefined ? {} : { answer }) };
      void acceptTransport(socket, transport, labOf(undefined, 0), () => undefined).then((stream) =>
        stream.pipe(stream),
      );
    });
    const port = await listen(server);
    const open = async () =>
      openTransport(await connect(port), TRANSPORT_WORDS[word], labOf(undefined, port), []);
    const pipe = await open();
    pipe.end('hello');
    expect((await buffer(pipe)).toString()).toBe('hello');
    await expect(open()).rejects.toThrow(new TransportRefused(word === 'connect' ? '502' : 'socks-5'));
  },
);

test.each([
  ['connect', 'expected a CONNECT request, the target says "GET / HT"'],
  ['socks5', 'expected a SOCKS5 request, the target says "GET / HT"'],
] as const)('an upstream that is a %s proxy is told of another protocol', async (word, message) => {
  const server = net.createServer();
  const port = await listen(server);
  const accepted = once(server, 'connection') as Promise<[net.Socket]>;
  (await connect(port)).end('GET / HTTP/1.1\r\n\r\n');
  const [socket] = await accepted;
  const opening = acceptTransport(socket, TRANSPORT_WORDS[word], labOf(undefined, 0), () => undefined);
  await expect(opening).rejects.toThrow(message);
});
