import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { campaign } from './campaign.ts';
import { fairTimer } from './fair-timer.ts';
import type { FuzzOptions, FuzzResult } from './fuzz-result.ts';
import { judgeExchange } from './http/judge-exchange.ts';
import type { Exchanged } from './http/judge-exchange.ts';
import { chance, makeAnswer, makeRequests } from './http/message-grammar.ts';
import type { Random } from './http/message-grammar.ts';
import { openTappedTls, PATIENCE } from './http/tapped-tls.ts';

/** Client connections at once. */
const LANES = 6;
/** Clocks that the fuzzer's messages do not reach; no connection waits: its upstreams answer once, and a request that they do not read comes again. */
const CLOCKS = { headerTimeout: '60s', bodyTimeout: '60s', idleUpstreams: 0 };
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** Recording upstream, for one client connection at a time. */
type Lane = { server: Server; port: number; upstream: string[]; answer: string; open: Set<Socket> };

/**
 * Sends HTTP that is nearly right through the reference proxy, requests and answers, and reads what came out as strictly as the grammar
 * is: never more requests at the upstream than the client has sent, never another host or body, no answer that is none, nothing left open.
 *
 * @param seed the same seed gives the same inputs
 * @param log told of each finding, and from time to time how far it is
 * @example
 * const { findings } = await fuzzHttp({ seed: 1, seconds: 60, log: console.log });
 */
export async function fuzzHttp(options: FuzzOptions): Promise<FuzzResult> {
  const lanes = await Promise.all(Array.from({ length: LANES }, startLane));
  try {
    return await campaign(options, {
      lanes,
      limits: CLOCKS,
      tryOne: async (random, at, proxy) => tryOne(random, lanes[at]!, proxy.ports[at]!, proxy.pid),
    });
  } finally {
    for (const { server } of lanes) server.close();
  }
}

async function startLane(): Promise<Lane> {
  const server = createServer((socket) => {
    lane.open.add(socket.on('close', () => lane.open.delete(socket)).on('error', () => {}));
    const at = lane.upstream.push('') - 1;
    let answered = false;
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      lane.upstream[at] += chunk;
      if (answered || !lane.upstream[at]!.includes('\r\n\r\n')) return;
      answered = true;
      socket.end(Buffer.from(lane.answer, 'latin1'));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const lane: Lane = { server, port, upstream: [], answer: OK, open: new Set() };
  return lane;
}

async function tryOne(random: Random, lane: Lane, port: number, pid: number): Promise<string[]> {
  lane.upstream = [];
  lane.answer = chance(random, 0.5) ? OK : makeAnswer(random);
  const sent = makeRequests(random);
  const { got, late, isNotified } = await exchange(random, port, sent, pid);
  for (const socket of lane.open) {
    if (!(await closes(socket, pid))) {
      for (const left of lane.open) left.destroy();
      return ['an upstream connection is left open'];
    }
  }
  const exchanged: Exchanged = { sent, upstream: lane.upstream, answer: lane.answer, got, isNotified };
  const problems = [...judgeExchange(exchanged), ...(late ? ['the connection does not end'] : [])];
  return problems.map((problem) => `${problem}: ${describe(exchanged)}`);
}

/** Sends in up to three pieces, then a FIN; `late`: the proxy did not end it. */
async function exchange(
  random: Random,
  port: number,
  sent: string,
  pid: number,
): Promise<Pick<Exchanged, 'got' | 'isNotified'> & { late: boolean }> {
  const { socket, ended } = openTappedTls({ port, pid }, { allowHalfOpen: true });
  socket.once('secureConnect', () => {
    const cut = Math.floor(random() * sent.length);
    socket.write(sent.slice(0, cut), 'latin1', () => socket.end(sent.slice(cut), 'latin1'));
  });
  // an upgrade that was accepted ends with either side, which is the test's to do
  return ended();
}

async function closes(socket: Socket, pid: number): Promise<boolean> {
  if (socket.closed) return true;
  return new Promise((resolve) => {
    const takeBack = fairTimer(PATIENCE, [pid], () => resolve(false));
    socket.once('close', () => {
      takeBack();
      resolve(true);
    });
  });
}

function describe({ sent, upstream, answer, got }: Exchanged): string {
  const short = (text: string): string =>
    JSON.stringify(text.length > 800 ? `${text.slice(0, 400)} … ${text.slice(-400)}` : text);
  return `sent ${short(sent)}, upstream ${short(upstream.join(' || '))}, answer ${short(answer)}, got ${short(got)}`;
}
