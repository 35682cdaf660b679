import { once } from 'node:events';
import { connect } from 'node:http2';
import type { ClientHttp2Session } from 'node:http2';

import { percentile } from '../statistics.ts';

/** Answered requests, the time they took, and p99 of their latency in µs. */
export type Requests = { requests: number; seconds: number; p99: number };

/** Requests over HTTP/2 connections of `streams` streams at a time each; every request must be answered by 200. */
export async function requestsOverHttp2(
  port: number,
  { connections, streams, seconds }: { connections: number; streams: number; seconds: number },
): Promise<Requests> {
  const sessions = Array.from({ length: connections }, () =>
    connect(`https://localhost:${port}`, {
      host: '127.0.0.1',
      lookup: (_, __, found) => found(null, '127.0.0.1', 4),
      rejectUnauthorized: false,
    }),
  );
  await Promise.all(sessions.map((session) => once(session, 'connect')));
  const started = performance.now();
  const until = started + seconds * 1000;
  const times: number[] = [];
  await Promise.all(
    sessions.flatMap((session) =>
      Array.from({ length: streams }, async () => {
        while (performance.now() < until) times.push(await answered(session));
      }),
    ),
  );
  const took = (performance.now() - started) / 1000;
  for (const session of sessions) session.close();
  return { requests: times.length, seconds: took, p99: percentile(times, 0.99) };
}

/** Sends a GET; resolves with the µs until its whole answer has come. */
async function answered(session: ClientHttp2Session): Promise<number> {
  const sent = performance.now();
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':path': '/' });
    let status: number | undefined;
    stream.on('response', (head) => (status = head[':status']));
    stream.once('error', reject);
    stream.once('close', () => {
      if (status === 200) resolve((performance.now() - sent) * 1000);
      else reject(new Error(`answered by ${status ?? 'nothing'}`));
    });
    stream.resume();
  });
}
