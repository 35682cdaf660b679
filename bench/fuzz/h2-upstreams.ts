import { setTimeout as delay } from 'node:timers/promises';
import { createCertificates } from '../../harness/lab/certificates.ts';
import { Teardown } from '../../harness/lab/teardown.ts';
import { campaign } from './campaign.ts';
import type { FuzzOptions, FuzzResult } from './fuzz-result.ts';
import { AttackingUpstream } from './h2/attacking-upstream.ts';
import { describeFrames } from './h2/frames.ts';
import { ask, askHonestly, askTillAnswered, openSession } from './h2/honest-client.ts';
import type { Place } from './h2/honest-client.ts';
import { askOnce } from './h2/http1-client.ts';
import { judgeUpstream } from './h2/judge-upstream.ts';
import type { Asked } from './h2/judge-upstream.ts';
import { chance, pick } from './http/message-grammar.ts';
import type { Random } from './http/message-grammar.ts';

const LANES = 6;
/** Lanes whose upstream is asked over TLS, the last ones. */
const TLS_LANES = 2;
const METHODS = ['GET', 'GET', 'GET', 'HEAD', 'POST', 'POST', 'DELETE', 'OPTIONS'];
/** Characters that HPACK never makes shorter, so that a path stands literally in a request: its field is never indexed. */
const LITERAL = 'XZ;,&*!+';
const LIMITS = {
  connectTimeout: '1s',
  headerTimeout: '2s',
  bodyTimeout: '2s',
  answerTimeout: '2s',
  inactivityTimeout: '3s',
  idleSessionTimeout: '10s',
};

/**
 * Attacks the reference proxy from an upstream that speaks HTTP/2: frames by hand, in any order. No request comes twice that may not, no
 * answer that was cut looks whole, all requests end, and clients of an honest upstream beside it get all their answers.
 *
 * @example
 * const { findings } = await fuzzH2Upstreams({ seed: 1, seconds: 60, log: console.log });
 */
export async function fuzzH2Upstreams(options: FuzzOptions): Promise<FuzzResult> {
  const teardown = new Teardown();
  const certificates = await createCertificates(teardown);
  const { certificate: cert, key } = certificates.pem;
  const lanes: AttackingUpstream[] = [];
  try {
    for (let lane = 0; lane <= LANES; lane += 1)
      lanes.push(await AttackingUpstream.start(isTls(lane) ? { cert, key } : undefined));
    return await campaign(options, {
      certificates,
      lanes: lanes.slice(0, LANES).map(({ port }, lane) => ({ port, protocol: 'h2', tls: isTls(lane) })),
      others: [{ port: lanes[LANES]!.port, protocol: 'h2' }],
      limits: LIMITS,
      tryOne: async (random, at, proxy) =>
        tryOne(random, lanes[at]!, { port: proxy.ports[at]!, pid: proxy.pid }),
      beside: async (proxy, over) => {
        const problems = await askHonestly({ port: proxy.ports[LANES]!, pid: proxy.pid }, over);
        lanes[LANES]!.forget();
        return problems;
      },
    });
  } finally {
    for (const lane of lanes) lane.close();
    await teardown.run();
  }
}

function isTls(lane: number): boolean {
  return lane < LANES && lane >= LANES - TLS_LANES;
}

async function tryOne(random: Random, upstream: AttackingUpstream, place: Place): Promise<string[]> {
  upstream.random = random;
  const asked = chance(random, 0.75)
    ? await askStreams(random, upstream, place)
    : await askHttp1(random, upstream, place);
  upstream.random = undefined;
  const { connections } = upstream;
  upstream.forget();
  const problems = judgeUpstream(asked, connections);
  const unanswered = await askTillAnswered(place);
  if (unanswered !== undefined)
    problems.push(`an upstream that is honest again is not asked (${unanswered})`);
  upstream.forget();
  const sent = connections.map((one) => describeFrames(Buffer.concat(one.sent))).join(' || ');
  return problems.map((problem) => `${problem}: ${JSON.stringify(asked)}, sent ${sent.slice(0, 3000)}`);
}

/** Some requests over HTTP/2 at once, of which a client may cancel one, or leave. */
async function askStreams(random: Random, upstream: AttackingUpstream, place: Place): Promise<Asked[]> {
  const session = await openSession(place.port);
  const asked = Array.from({ length: 1 + Math.floor(random() * 4) }, () => makeRequest(random));
  const seen = asked.map(async (request) => {
    const { method, path, hasBody } = request;
    const cancels = chance(random, 0.08);
    const body = hasBody ? 'x'.repeat(Math.floor(random() * 300)) : '';
    const waits = random() * 4;
    request.seen = await ask(session, { ':method': method, ':path': path }, place.pid, !hasBody, (stream) => {
      if (cancels) setTimeout(() => stream.close(8), random() * 15);
      if (hasBody && body.length > 200) {
        stream.write(body);
        setTimeout(() => stream.end(), waits);
      } else stream.end(body);
    });
    if (cancels) request.seen.isWhole = false;
  });
  const over = Promise.all(seen);
  await endSoon(random, upstream, over);
  session.destroy();
  return asked;
}

async function askHttp1(random: Random, upstream: AttackingUpstream, place: Place): Promise<Asked[]> {
  const request = makeRequest(random);
  const answer = askOnce(request, place).then((seen) => {
    request.seen = seen;
  });
  await endSoon(random, upstream, answer);
  return [request];
}

/** An upstream that keeps silent ends its connections after a while, but for one time in fifty: clocks of the proxy must do it. */
async function endSoon(random: Random, upstream: AttackingUpstream, over: Promise<unknown>): Promise<void> {
  const isOver = over.then(() => true);
  const turns = chance(random, 0.02) ? 0 : 100;
  for (let turn = 0; turn < turns; turn += 1) {
    if (await Promise.race([isOver, delay(30 + turn, false)])) return;
    upstream.end();
  }
  await over;
}

function makeRequest(random: Random): Asked {
  const method = pick(random, METHODS);
  const path = `/${Array.from({ length: 12 }, () => LITERAL[Math.floor(random() * 8)]!).join('')}`;
  return {
    method,
    path,
    hasBody: method === 'POST' || (method === 'DELETE' && chance(random, 0.3)),
    seen: undefined,
  };
}
