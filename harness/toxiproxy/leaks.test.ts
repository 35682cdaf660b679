import { queryObjects } from 'node:v8';
import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { Connection } from './flow/connection.ts';
import { Stub } from './flow/stub.ts';
import { embedded } from './testing/subjects.ts';

const TOXICS = [
  { type: 'latency', attributes: { latency: 3_600_000 } },
  { type: 'bandwidth', attributes: { rate: 0 } },
  { type: 'slow_close', attributes: { delay: 3_600_000 } },
  { type: 'timeout', attributes: { timeout: 3_600_000 } },
  { type: 'slicer', attributes: { average_size: 1, delay: 3_600_000_000 } },
  { type: 'limit_data', attributes: { bytes: 1 } },
  { type: 'reset_peer', attributes: { timeout: 3_600_000 } },
];

describe('after connections end', () => {
  const bench = embedded();
  /** Number of objects that the collector cannot free: a timer or a listener would hold its connection. Collects garbage, so it is slow. */
  const left = (): number[] => [Connection, Stub].map((kind) => queryObjects(kind) as unknown as number);

  test('nothing of them is left, whatever toxics they had', async () => {
    const proxies = [];
    for (const toxic of TOXICS) {
      const { pair, path } = await bench.proxy({ toxics: [toxic, { ...toxic, stream: 'upstream' }] });
      proxies.push(path);
      for (let at = 0; at < 5; at++) {
        const { client, server } = await pair();
        client.write('some bytes');
        server.write('some bytes');
        if (at === 1) client.socket.end();
        if (at === 2) server.socket.end();
        if (at === 3) client.socket.resetAndDestroy();
      }
    }
    // proves that these objects can be counted at all
    expect(left().every((count) => count > 0)).toBe(true);
    for (const path of proxies) await bench.api('DELETE', path);
    await vi.waitFor(() => expect(left()).toEqual([0, 0]), { timeout: 10_000, interval: 500 });
  });
});

describe('toxics that come and go', () => {
  const bench = embedded({ seed: 1 });
  const kind = fc.constantFrom(
    { type: 'latency', attributes: { latency: 4, jitter: 3 } },
    { type: 'slicer', attributes: { average_size: 9000, size_variation: 500, delay: 1 } },
    { type: 'bandwidth', attributes: { rate: 500_000 } },
    { type: 'slow_close', attributes: { delay: 1 } },
    { type: 'limit_data', attributes: { bytes: 1_000_000_000 } },
    { type: 'noop', attributes: {} },
  );
  const step = fc.record({
    what: fc.constantFrom('add', 'remove', 'update', 'write'),
    name: fc.constantFrom('a', 'b', 'c'),
    toxicity: fc.constantFrom(0, 0.5, 1),
    kind,
    bytes: fc.integer({ min: 1, max: 400_000 }),
  });

  test('in any order lose, double and reorder nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
        const { pair, path } = await bench.proxy();
        const { client, server } = await pair();
        const sent: Buffer[] = [];
        for (const [at, { what, name, toxicity, kind: body, bytes }] of steps.entries()) {
          if (what === 'add')
            await bench.api('POST', `${path}/toxics`, { body: { ...body, name, toxicity } });
          if (what === 'remove') await bench.api('DELETE', `${path}/toxics/${name}`);
          if (what === 'update') await bench.api('POST', `${path}/toxics/${name}`, { body: { toxicity } });
          if (what !== 'write') continue;
          const data = Buffer.alloc(bytes, `${at} `);
          sent.push(data);
          server.write(data);
        }
        server.socket.end();
        expect(await client.ended).toBe('fin');
        expect(Buffer.concat(client.pieces.map(({ data }) => data)).equals(Buffer.concat(sent))).toBe(true);
      }),
      { numRuns: 25 },
    );
  });
});
