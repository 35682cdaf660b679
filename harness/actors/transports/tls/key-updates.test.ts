import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';

import { generate } from 'selfsigned';
import { afterEach, expect, test } from 'vitest';

import { Teardown } from '../../../lab/teardown.ts';
import { secureAsClient, secureAsServer, updateKeys, type Pem } from './tls.ts';

// Key updates of TLS 1.3 with Node as the peer, in both roles, and with the program `openssl`.

let teardown = new Teardown();
afterEach(async () => {
  await teardown.run();
  teardown = new Teardown();
});

const { cert: certificate, private: key } = await generate(
  [{ name: 'commonName', value: 'a.lastfin.test' }],
  {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'a.lastfin.test' }] }],
  },
);
const pem = { certificate, key, authority: certificate, wrong: {} } as unknown as Pem;
const OPTIONS = { servername: 'a.lastfin.test' };
const KEYS = { pem, onKeys: undefined, updatesKeys: true };

async function listen(server: net.Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  teardown.add('the server', () => void server.close());
  return (server.address() as AddressInfo).port;
}

async function connect(port: number): Promise<net.Socket> {
  const socket = net.connect(port, '127.0.0.1');
  teardown.add('the socket', () => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** Connects as soon as a program listens. */
async function connectOnceThere(port: number): Promise<net.Socket> {
  for (;;) {
    const socket = await connect(port).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNREFUSED') throw error;
    });
    if (socket) return socket;
    await new Promise((resolve) => void setImmediate(resolve));
  }
}

/** Sends a part and waits until it has come back. */
async function echo(stream: tls.TLSSocket, bytes: number): Promise<void> {
  const back = new Promise<void>((resolve) => {
    let received = 0;
    const onData = (chunk: Buffer): void => {
      received += chunk.length;
      if (received < bytes) return;
      stream.off('data', onData);
      resolve();
    };
    stream.on('data', onData);
  });
  stream.write(Buffer.alloc(bytes, 'x'));
  await back;
}

const SUITES = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];

test.each(SUITES)("a client's keys are updated under %s, between bytes both ways", async (ciphers) => {
  const server = tls.createServer({ cert: certificate, key, ciphers }, (peer) => void peer.pipe(peer));
  const socket = await connect(await listen(server));
  const client = await secureAsClient(socket, OPTIONS, KEYS);
  expect(client.getCipher().name).toBe(ciphers);
  await echo(client, 100_000);
  for (let at = 0; at < 3; at++) {
    expect(updateKeys(socket, 1, false)).toBe(true);
    await echo(client, 100_000);
  }
});

test("a server's keys are updated, and its peer's where it asks for that", async () => {
  const server = net.createServer((socket) => {
    teardown.add('the peer', () => void socket.destroy());
    const serve = async (): Promise<void> => {
      const stream = await secureAsServer(socket, OPTIONS, KEYS);
      stream.on('data', (chunk: Buffer) => {
        updateKeys(socket, 1, true);
        stream.write(chunk);
      });
    };
    serve().catch(() => undefined);
  });
  const client = tls.connect({ port: await listen(server), host: '127.0.0.1', ca: certificate, ...OPTIONS });
  teardown.add('the client', () => void client.destroy());
  await once(client, 'secureConnect');
  for (let at = 0; at < 20; at++) await echo(client, 1000);
});

// after each update the program sleeps for a second, so there are few
test(
  'the program `openssl` takes key updates, and answers those that ask',
  { timeout: 30_000 },
  async ({ skip }) => {
    const program = await startOpenssl();
    if (program === undefined) {
      skip('no program `openssl` here');
      return;
    }
    const socket = await connectOnceThere(program.port);
    const client = await secureAsClient(socket, OPTIONS, KEYS);
    for (let at = 0; at < 3; at++) {
      updateKeys(socket, 1, at !== 1);
      await program.echo(client, `part ${at}\n`);
    }
  },
);

/** Starts `openssl s_server`, which sends each line back turned around. */
async function startOpenssl(): Promise<
  { port: number; echo: (stream: tls.TLSSocket, line: string) => Promise<void> } | undefined
> {
  const folder = mkdtempSync(path.join(tmpdir(), 'key-updates-'));
  teardown.add('the folder', () => rmSync(folder, { recursive: true }));
  const [certFile, keyFile] = [path.join(folder, 'cert.pem'), path.join(folder, 'key.pem')];
  writeFileSync(certFile, certificate);
  writeFileSync(keyFile, key);
  const free = net.createServer();
  free.listen(0, '127.0.0.1');
  await once(free, 'listening');
  const { port } = free.address() as AddressInfo;
  await new Promise((resolve) => void free.close(resolve));
  const child = spawn('openssl', [
    's_server',
    '-accept',
    `127.0.0.1:${port}`,
    '-cert',
    certFile,
    '-key',
    keyFile,
    '-rev',
    '-tls1_3',
  ]);
  const isMissing = await new Promise<boolean>((resolve) => {
    child.once('error', () => resolve(true)).once('spawn', () => resolve(false));
  });
  if (isMissing) return undefined;
  teardown.add('openssl', () => void child.kill('SIGKILL'));
  return {
    port,
    async echo(stream, line) {
      stream.write(line);
      const turned = line.trimEnd().split('').toReversed().join('');
      let heard = '';
      while (!heard.includes(turned)) heard += String((await once(stream, 'data'))[0]);
    },
  };
}
