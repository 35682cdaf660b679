import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { connect } from 'node:tls';
import { setTimeout as delay } from 'node:timers/promises';
import { campaign } from './campaign.ts';
import { fairTimer } from './fair-timer.ts';
import type { FuzzOptions, FuzzResult } from './fuzz-result.ts';
import { makeClientBytes } from './h2/client-grammar.ts';
import { describeFrames, PREFACE } from './h2/frames.ts';
import { askHonestly, askTillAnswered } from './h2/honest-client.ts';
import type { Place } from './h2/honest-client.ts';
import { judgeClient } from './h2/judge-client.ts';
import { chance, makeAnswer, SERVER_NAME } from './http/message-grammar.ts';
import type { Random } from './http/message-grammar.ts';

const LANES = 6;
/** Time in which a connection whose client has left ends, without that in which nobody got a processor (ms). */
const PATIENCE = 20_000;
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
/** Path of the request behind each input: when it is answered, everything before it has come to its upstream. */
const LAST = '/last';
/** Clocks that end what an attacker keeps open. */
const LIMITS = {
  // twice that ends a connection that is broken, which Node keeps
  headerTimeout: '2s',
  bodyTimeout: '2s',
  answerTimeout: '2s',
  inactivityTimeout: '4s',
  idleSessionTimeout: '4s',
  idleUpstreams: 0,
};

/** Recording upstream of HTTP/1.1, for one client connection at a time. */
type Lane = { server: Server; port: number; upstream: string[]; answer: string };

/**
 * Sends HTTP/2 that is nearly right, and much that is not, to the reference proxy: frames and heads of HPACK written by hand. Never more
 * requests at the upstream than the client has sent, never another host, no cut answer that looks whole, and an honest client beside
 * it gets all its answers.
 *
 * @example
 * const { findings } = await fuzzH2Clients({ seed: 1, seconds: 60, log: console.log });
 */
export async function fuzzH2Clients(options: FuzzOptions): Promise<FuzzResult> {
  const lanes = await Promise.all(Array.from({ length: LANES + 1 }, startLane));
  const honest = lanes.slice(LANES);
  try {
    return await campaign(options, {
      lanes: lanes.slice(0, LANES),
      others: honest,
      limits: LIMITS,
      tryOne: async (random, at, proxy) =>
        tryOne(random, lanes[at]!, { port: proxy.ports[at]!, pid: proxy.pid }),
      beside: async (proxy, over) => askHonestly({ port: proxy.ports[LANES]!, pid: proxy.pid }, over),
    });
  } finally {
    for (const { server } of lanes) server.close();
  }
}

async function startLane(): Promise<Lane> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    const at = lane.upstream.push('') - 1;
    let answered = false;
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      lane.upstream[at] += chunk;
      if (answered || !lane.upstream[at]!.includes('\r\n\r\n')) return;
      answered = true;
      const isLast = lane.upstream[at]!.startsWith(`GET ${LAST} `);
      socket.end(Buffer.from(isLast ? OK : lane.answer, 'latin1'));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const lane: Lane = { server, port, upstream: [], answer: OK };
  return lane;
}

async function tryOne(random: Random, lane: Lane, place: Place): Promise<string[]> {
  lane.upstream = [];
  lane.answer = chance(random, 0.6) ? OK : makeAnswer(random);
  const sent = makeClientBytes(random);
  const { got, late } = await exchange(random, place, sent);
  const unanswered = await askTillAnswered(place, LAST);
  const { upstream: all, answer } = lane;
  const upstream = all.filter((bytes) => !bytes.startsWith(`GET ${LAST} `));
  const problems = judgeClient({ sent, upstream, answer, got });
  if (late) problems.push('the connection does not end');
  if (unanswered !== undefined) problems.push(`the next client is not answered (${unanswered})`);
  const what = `sent ${describeFrames(sent, PREFACE.length)}, got ${describeFrames(got)}`;
  const behind = `upstream ${JSON.stringify(upstream).slice(0, 2000)}, answer ${JSON.stringify(answer).slice(0, 800)}`;
  return problems.map((problem) => `${problem}: ${behind}, ${what}`);
}

/** Sends in two pieces, waits for a while or not at all, and leaves; `late`: the proxy does not end the connection then. */
async function exchange(
  random: Random,
  { port, pid }: Place,
  sent: Buffer,
): Promise<{ got: Buffer; late: boolean }> {
  const socket = connect({
    port,
    host: '127.0.0.1',
    servername: SERVER_NAME,
    rejectUnauthorized: false,
    ALPNProtocols: ['h2'],
  });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => {});
  const closed = new Promise<void>((resolve) => void socket.once('close', () => resolve()));
  const isOpen = new Promise<void>((resolve) => void socket.once('secureConnect', () => resolve()));
  await Promise.race([isOpen, closed]);
  const cut = chance(random, 0.5) ? PREFACE.length : Math.floor(random() * sent.length);
  socket.write(sent.subarray(0, cut));
  if (chance(random, 0.3)) await delay(Math.floor(random() * 5));
  socket.write(sent.subarray(cut));
  const waits = chance(random, 0.9) ? 5 + random() * 20 : 0;
  // one in a hundred leaves the end to the proxy
  if (!chance(random, 0.01)) {
    await Promise.race([closed, delay(waits)]);
    if (chance(random, 0.2)) socket.destroy();
    else socket.end();
  }
  const late = await new Promise<boolean>((resolve) => {
    const takeBack = fairTimer(PATIENCE, [pid], () => resolve(true));
    void closed.then(() => {
      takeBack();
      resolve(false);
    });
  });
  socket.destroy();
  return { got: Buffer.concat(chunks), late };
}
