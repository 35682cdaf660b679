import { randomBytes } from 'node:crypto';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import type { FalseUpstreams } from './false-upstream.ts';

/** Protocols that `init` can tell apart. */
export const PROTOCOLS = ['tcp', 'http', 'connect', 'socks5', 'websocket'] as const;
export type Spoken = (typeof PROTOCOLS)[number];

/** Behaviour of a program as its connections showed it. */
export type Recognised = {
  speaks: Spoken[];
  /** an HTTP proxy that takes whole URLs, and sends the request where they say */
  forward: boolean;
  /** group of the upstream that the program was told and connected to; absent for a server, and where the client names the upstream */
  upstream?: string;
  /** the program answered with a TLS alert */
  tls: boolean;
};

/** Longest wait for an answer over loopback. ms */
const ANSWER_WITHIN = 700;
/** Longest delay between an event at one side and its effect at the other. ms */
const MOMENT = 150;

type Address = { host: string; port: number };

/**
 * Finds out what listens at an address, by talking to it, most telling first: bytes that go through as they are, an HTTP request, a
 * request for a whole URL, CONNECT, SOCKS5, and an upgrade.
 */
export async function recognise(address: Address, upstreams: FalseUpstreams): Promise<Recognised> {
  const asPlain = await passesBytes(address, upstreams);
  if (asPlain.upstream !== undefined)
    return { speaks: ['tcp'], forward: false, tls: false, upstream: asPlain.upstream };
  if (asPlain.answer.startsWith('\x15\x03')) return { speaks: [], forward: false, tls: true };

  const plain = await asks(
    address,
    upstreams,
    (path) => `GET ${path} HTTP/1.1\r\nhost: ${address.host}:${address.port}`,
  );
  const speaksHttp = plain.answer.startsWith('HTTP/');
  if (plain.upstream !== undefined) {
    const upgraded = await upgrades(address);
    return {
      speaks: upgraded ? ['http', 'websocket'] : ['http'],
      forward: false,
      tls: false,
      upstream: plain.upstream,
    };
  }
  const beyond = await upstreams.open('beyond');
  const whole = await asks(
    address,
    upstreams,
    (path) => `GET http://127.0.0.1:${beyond}${path} HTTP/1.1\r\nhost: 127.0.0.1:${beyond}`,
  );
  const forward = whole.upstream === 'beyond';
  const connects = await tunnels(address, upstreams, beyond);
  if (forward || connects)
    return {
      speaks: [...(forward ? ['http' as const] : []), ...(connects ? ['connect' as const] : [])],
      forward,
      tls: false,
    };
  if (speaksHttp) {
    const upgraded = await upgrades(address);
    return { speaks: upgraded ? ['http', 'websocket'] : ['http'], forward: false, tls: false };
  }
  const greeted = await exchange(address, Buffer.from([5, 1, 0]), (answer) => answer.length >= 2);
  return { speaks: greeted === '\x05\x00' ? ['socks5'] : [], forward: false, tls: false };
}

type Heard = { answer: string; upstream?: string };

async function passesBytes(address: Address, upstreams: FalseUpstreams): Promise<Heard> {
  const token = `lastfin-${randomBytes(6).toString('hex')}`;
  // no request: an HTTP server refuses it at once, and the upstream does not answer it
  return hear(address, upstreams, `${token}\r\n`, token);
}

async function asks(
  address: Address,
  upstreams: FalseUpstreams,
  head: (path: string) => string,
): Promise<Heard> {
  const token = `/lastfin-${randomBytes(6).toString('hex')}`;
  // a path is the first thing that a proxy might rewrite: the token stands in a header, too
  return hear(address, upstreams, `${head('/')}\r\nx-lastfin: ${token}\r\nconnection: close\r\n\r\n`, token);
}

async function hear(
  address: Address,
  upstreams: FalseUpstreams,
  text: string,
  token: string,
): Promise<Heard> {
  const stop = new AbortController();
  const seen = upstreams.saw(token, ANSWER_WITHIN, stop.signal);
  const answer = await exchange(
    address,
    Buffer.from(text, 'latin1'),
    (heard) => heard.includes('\r\n'),
    seen,
  );
  // an answer without the upstream comes from the program itself; the bytes may reach the upstream a moment after the end reaches us
  await Promise.race([seen, delay(MOMENT)]);
  stop.abort();
  const upstream = await seen;
  return { answer, ...(upstream === undefined ? {} : { upstream }) };
}

async function tunnels(address: Address, upstreams: FalseUpstreams, beyond: number): Promise<boolean> {
  const head = `CONNECT 127.0.0.1:${beyond} HTTP/1.1\r\nhost: 127.0.0.1:${beyond}\r\n\r\n`;
  const before = upstreams.arrivals.length;
  const answer = await exchange(address, Buffer.from(head), (heard) => heard.includes('\r\n\r\n'));
  return /^HTTP\/1\.[01] 200/.test(answer) && upstreams.arrivals.length > before;
}

async function upgrades(address: Address): Promise<boolean> {
  const key = randomBytes(16).toString('base64');
  const head = [
    'GET / HTTP/1.1',
    `host: ${address.host}:${address.port}`,
    'connection: upgrade',
    'upgrade: websocket',
    'sec-websocket-version: 13',
    `sec-websocket-key: ${key}`,
  ].join('\r\n');
  const answer = await exchange(address, Buffer.from(`${head}\r\n\r\n`), (heard) =>
    heard.includes('\r\n\r\n'),
  );
  return answer.startsWith('HTTP/1.1 101');
}

/** Sends bytes and resolves with the answer as far as it has come: when it is enough, the connection ends, or nothing has come in time. */
function exchange(
  address: Address,
  bytes: Buffer,
  enough: (answer: string) => boolean,
  otherwise?: Promise<unknown>,
): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = net.connect(address, () => socket.write(bytes));
    const timer = setTimeout(() => socket.destroy(), ANSWER_WITHIN);
    void otherwise?.then((seen) => {
      if (seen !== undefined) socket.destroy();
    });
    socket.on('data', (data) => {
      answer += data.toString('latin1');
      if (enough(answer)) socket.destroy();
    });
    socket.on('end', () => socket.destroy());
    socket.on('error', () => undefined);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve(answer);
    });
  });
}
