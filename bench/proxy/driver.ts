import { once } from 'node:events';
import type net from 'node:net';

import autocannon from 'autocannon';

import { concurrently } from '../../shared/concurrently.ts';
import { serve } from '../remote.ts';
import { percentile } from '../statistics.ts';
import { requestsOverHttp2 } from './http2-load.ts';
import type { Requests } from './http2-load.ts';
import { bulk, churn, open, push, roundTrips } from '../tcp-load.ts';

/** Load of `bench/proxy/proxy.ts`, in a process of its own: it does what the parent asks for, and ends with it. */
const held: net.Socket[] = [];

const calls = {
  bulk,
  push,
  churn,

  /** p50 and p99, in µs, of each port */
  async trips(ports: number[], count: number): Promise<{ p50: number; p99: number }[]> {
    const times = await roundTrips(ports, count);
    return times.map((all) => ({ p50: percentile(all, 0.5), p99: percentile(all, 0.99) }));
  },

  /** Opens connections that have sent and received a byte, and keeps them. */
  async hold(port: number, count: number): Promise<void> {
    const numbers = Array.from({ length: count }, (_, index) => index);
    await concurrently(100, numbers, async (index) => {
      // several sources: one has no more than 28,000 ports, and some of them are in TIME_WAIT
      const socket = await open(port, { localAddress: `127.0.1.${(index % 8) + 1}` });
      socket.write('x');
      await once(socket, 'data');
      held.push(socket);
    });
  },

  /** Ends them all, and waits until they have closed. */
  async release(): Promise<void> {
    const closed = held.map((socket) => once(socket, 'close'));
    for (const socket of held.splice(0)) socket.end();
    await Promise.all(closed);
  },

  /** requests over keep-alive connections, the time they took, and p99 in µs */
  async http(url: string, connections: number, seconds: number): Promise<Requests> {
    // its own histogram is in whole ms, which is a whole answer of nginx
    const times: number[] = [];
    const result = await new Promise<autocannon.Result>((resolve, reject) => {
      const load = autocannon({ url, connections, duration: seconds }, (error, done) => {
        if (error) reject(error as Error);
        else resolve(done);
      });
      load.on('response', (_client, _status, _bytes, ms) => times.push(ms * 1000));
    });
    const failed = result.errors + result.non2xx;
    if (failed > 0) throw new Error(`${failed} requests to ${url} failed`);
    return { requests: result.requests.total, seconds: result.duration, p99: percentile(times, 0.99) };
  },

  http2: requestsOverHttp2,
};

export type Driver = typeof calls;

serve(calls);
process.once('disconnect', () => process.exit());
