import { expect, test } from 'vitest';
import { Stopwatch } from '../../shared/testing/stopwatch.ts';
import { contract } from './testing/subjects.ts';

/** Timers may be early by a millisecond; a processor that is shared makes them late beyond its starvation. */
const EARLY_MS = 3;
const LATE_MS = 400;

/** @param at moment that is looked at, as `performance.now()` told it */
function expectAbout(watch: Stopwatch, wanted: number, at = performance.now()): void {
  const elapsed = at - watch.since;
  expect(elapsed).toBeGreaterThanOrEqual(wanted - EARLY_MS);
  expect(elapsed - watch.starved).toBeLessThan(wanted + LATE_MS);
}

contract('toxics', (bench) => {
  test('no toxic: bytes go through both ways, whole', async () => {
    const { pair } = await bench.proxy();
    const { client, server } = await pair();
    const up = Buffer.alloc(3_000_000, 'u');
    const down = Buffer.alloc(2_000_000, 'd');
    client.write(up);
    server.write(down);
    await Promise.all([server.received(up.length), client.received(down.length)]);
    expect(server.text).toBe(up.toString());
    expect(client.text).toBe(down.toString());
  });

  test('noop lets everything through', async () => {
    const { pair } = await bench.proxy({ toxics: [{ type: 'noop' }, { type: 'noop', stream: 'upstream' }] });
    const { client, server } = await pair();
    client.write('up');
    server.write('down');
    await Promise.all([server.received(2), client.received(4)]);
    expect([server.text, client.text]).toEqual(['up', 'down']);
  });

  test('latency delays data of its stream only', async () => {
    const { pair } = await bench.proxy({ toxics: [{ type: 'latency', attributes: { latency: 150 } }] });
    const { client, server } = await pair();
    const start = new Stopwatch();
    client.write('up');
    await server.received(2);
    expect(start.fair).toBeLessThan(140);
    const back = new Stopwatch();
    server.write('down');
    await client.received(4);
    expectAbout(back, 150);
  });

  test('several latencies add up, and chunks do not wait for each other', async () => {
    const { pair } = await bench.proxy({
      toxics: [
        { type: 'latency', name: 'a', attributes: { latency: 100 } },
        { type: 'latency', name: 'b', attributes: { latency: 100 } },
      ],
    });
    const { client, server } = await pair();
    const start = new Stopwatch();
    server.write(Buffer.alloc(200_000));
    await client.received(200_000);
    expectAbout(start, 200);
  });

  test('a negative latency does nothing', async () => {
    const { pair } = await bench.proxy({ toxics: [{ type: 'latency', attributes: { latency: -500 } }] });
    const { client, server } = await pair();
    server.write('x');
    await client.received(1);
    expect(client.text).toBe('x');
  });

  test('jitter stays within its bounds', async () => {
    const toxic = { type: 'latency', attributes: { latency: 100, jitter: 50 } };
    const { pair } = await bench.proxy({ toxics: [toxic] });
    const { client, server } = await pair();
    for (let round = 1; round <= 5; round++) {
      const start = new Stopwatch();
      server.write('x');
      await client.received(round);
      expect(start.wall).toBeGreaterThanOrEqual(50 - EARLY_MS);
      expect(start.fair).toBeLessThan(150 + LATE_MS);
    }
  });

  test('latency does not delay a bare end, but data before it is delivered first', async () => {
    const toxic = { type: 'latency', stream: 'upstream', attributes: { latency: 300 } };
    const { pair } = await bench.proxy({ toxics: [toxic] });
    const bare = await pair();
    const start = new Stopwatch();
    bare.client.socket.end();
    expect(await bare.server.ended).toBe('fin');
    expect(start.fair).toBeLessThan(250);

    const data = await pair();
    const again = new Stopwatch();
    data.client.socket.end('last words');
    await data.server.ended;
    expect(data.server.text).toBe('last words');
    expectAbout(again, 300, data.server.endedAt);
  });

  test('what is inside a toxic is delivered after the other side closed', async () => {
    const toxic = { type: 'latency', stream: 'upstream', attributes: { latency: 300 } };
    const { pair } = await bench.proxy({ toxics: [toxic] });
    const { client, server } = await pair();
    client.write('delayed');
    client.socket.resetAndDestroy();
    expect(await server.ended).toBe('fin');
    expect(server.text).toBe('delayed');
  });

  test('bandwidth lets through rate * 1000 bytes a second, in pieces of 100 ms', async () => {
    const { pair } = await bench.proxy({ toxics: [{ type: 'bandwidth', attributes: { rate: 100 } }] });
    const { client, server } = await pair();
    const start = new Stopwatch();
    server.write(Buffer.alloc(50_000));
    await client.received(50_000);
    expect(start.wall).toBeGreaterThan(400);
    expect(start.fair).toBeLessThan(500 + LATE_MS);
    expect(client.pieces[0]?.data.length).toBe(10_000);
  });

  test('bandwidth 0 stalls the stream, its end too, until it is updated', async () => {
    const { pair, path } = await bench.proxy({ toxics: [{ type: 'bandwidth', stream: 'upstream' }] });
    const { client, server } = await pair();
    client.socket.end('stuck');
    server.write('free');
    await client.received(4);
    expect(server.bytes).toBe(0);
    expect(server.ending).toBeUndefined();
    const body = { attributes: { rate: 1000 } };
    expect((await bench.api('PATCH', `${path}/toxics/bandwidth_upstream`, { body })).status).toBe(200);
    expect(await server.ended).toBe('fin');
    expect(server.text).toBe('stuck');
  });

  test('slow_close delays the end of its stream only; the other direction goes on meanwhile', async () => {
    const toxic = { type: 'slow_close', stream: 'upstream', attributes: { delay: 300 } };
    const { pair } = await bench.proxy({ toxics: [toxic] });
    const { client, server } = await pair();
    const start = new Stopwatch();
    client.socket.end('bye');
    await server.received(3);
    server.write('still here');
    await client.received(10);
    expect(start.fair).toBeLessThan(290);
    expect(await server.ended).toBe('fin');
    expectAbout(start, 300, server.endedAt);
  });

  test('timeout drops data and closes both sides when nothing came for so long', async () => {
    const toxic = { type: 'timeout', stream: 'upstream', attributes: { timeout: 300 } };
    const { pair } = await bench.proxy({ toxics: [toxic] });
    const { client, server } = await pair();
    const start = new Stopwatch();
    await new Promise((resolve) => setTimeout(resolve, 150));
    client.write('dropped');
    expect(await Promise.all([client.ended, server.ended])).toEqual(['fin', 'fin']);
    expectAbout(start, 450, server.endedAt);
    expect(server.bytes).toBe(0);
  });

  test('timeout 0 never closes by itself, but lets the end through', async () => {
    const { pair } = await bench.proxy({ toxics: [{ type: 'timeout', stream: 'upstream' }] });
    const { client, server } = await pair();
    client.write('dropped');
    server.write('passes');
    await client.received(6);
    client.socket.end();
    expect(await server.ended).toBe('fin');
    expect(server.bytes).toBe(0);
  });

  test('slicer cuts chunks in pieces no larger than average + variation', async () => {
    const attributes = { average_size: 100, size_variation: 20, delay: 2000 };
    const { pair } = await bench.proxy({ toxics: [{ type: 'slicer', attributes }] });
    const { client, server } = await pair();
    const sent = Buffer.from(Array.from({ length: 1000 }, (_, at) => at % 256));
    server.write(sent);
    await client.received(sent.length);
    expect(Buffer.concat(client.pieces.map(({ data }) => data))).toEqual(sent);
    expect(client.pieces.length).toBeGreaterThan(4);
    expect(client.pieces[0]?.data.length).toBeLessThanOrEqual(120);
  });

  test('limit_data closes both sides once so many bytes went through, exactly', async () => {
    const { pair } = await bench.proxy({ toxics: [{ type: 'limit_data', attributes: { bytes: 10 } }] });
    const exact = await pair();
    exact.server.write('0123456789');
    expect(await Promise.all([exact.client.ended, exact.server.ended])).toEqual(['fin', 'fin']);
    expect(exact.client.text).toBe('0123456789');
    const over = await pair();
    over.server.write('0123456789abc');
    await over.client.ended;
    expect(over.client.text).toBe('0123456789');
    const parts = await pair();
    parts.server.write('01234');
    await parts.client.received(5);
    expect(parts.client.ending).toBeUndefined();
    parts.server.write('56789');
    await parts.client.ended;
    expect(parts.client.text).toBe('0123456789');
  });

  test('limit_data 0 closes at the first byte', async () => {
    const { pair } = await bench.proxy({ toxics: [{ type: 'limit_data' }] });
    const { client, server } = await pair();
    server.write('x');
    expect(await client.ended).toBe('fin');
    expect(client.bytes).toBe(0);
  });

  test('limit_data resets a fast sender', async () => {
    const toxic = { type: 'limit_data', stream: 'upstream', attributes: { bytes: 1000 } };
    const { pair } = await bench.proxy({ toxics: [toxic] });
    const { client, server } = await pair();
    client.write(Buffer.alloc(20_000_000));
    expect(await Promise.all([client.ended, server.ended])).toEqual(['reset', 'fin']);
    expect(server.bytes).toBe(1000);
  });

  test('reset_peer resets both sides at the first data of its stream, which is dropped', async () => {
    const toxic = { type: 'reset_peer', stream: 'upstream', attributes: { timeout: 200 } };
    const { pair } = await bench.proxy({ toxics: [toxic] });
    const { client, server } = await pair();
    server.write('before');
    await client.received(6);
    const start = new Stopwatch();
    client.write('trigger');
    expect(await Promise.all([client.ended, server.ended])).toEqual(['reset', 'reset']);
    expectAbout(start, 200, client.endedAt);
    expect(server.bytes).toBe(0);
  });

  test('reset_peer: even toxicity 0, and removal, leave the close a reset', async () => {
    const { pair, path } = await bench.proxy({ toxics: [{ type: 'reset_peer', toxicity: 0 }] });
    const { client, server } = await pair();
    expect((await bench.api('DELETE', `${path}/toxics/reset_peer_downstream`)).status).toBe(204);
    client.write('x');
    await server.received(1);
    client.socket.end();
    expect(await server.ended).toBe('reset');
  });

  test('reset_peer added to a live connection closes it with FIN', async () => {
    const { pair, toxic } = await bench.proxy();
    const { client, server } = await pair();
    await toxic({ type: 'reset_peer', stream: 'upstream' });
    client.write('x');
    expect(await Promise.all([client.ended, server.ended])).toEqual(['fin', 'fin']);
  });

  test('toxicity 0 spares every connection, 1 none', async () => {
    const { pair, path } = await bench.proxy({ toxics: [{ type: 'timeout', toxicity: 0 }] });
    const spared = await pair();
    spared.server.write('x');
    await spared.client.received(1);
    const body = { toxicity: 1 };
    expect((await bench.api('POST', `${path}/toxics/timeout_downstream`, { body })).status).toBe(200);
    spared.server.write('dropped');
    spared.client.write('up');
    await spared.server.received(2);
    expect(spared.client.text).toBe('x');
  });
});
