import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import { Stopwatch } from '../../shared/testing/stopwatch.ts';
import { embedded } from './testing/subjects.ts';

/** Requests that the real server does not survive, or that keep its caller waiting. */
describe('hazards of the real server', () => {
  const bench = embedded();
  const CALL_MS = 1000;

  /** Makes a call and sees that it is answered in time. */
  const timely = async (...call: Parameters<typeof bench.api>) => {
    const watch = new Stopwatch();
    const reply = await bench.api(...call);
    expect(watch.fair).toBeLessThan(CALL_MS);
    return reply;
  };

  const TYPES = [
    ['latency', { latency: 30 }],
    ['bandwidth', { rate: 10 }],
    ['slow_close', { delay: 10 }],
    ['timeout', { timeout: 60_000 }],
    ['slicer', { average_size: 64, delay: 10 }],
    ['limit_data', { bytes: 1_000_000_000 }],
    ['reset_peer', { timeout: 60_000 }],
    ['noop', {}],
  ] as const;

  test.each(TYPES)(
    '%s comes, changes and goes while the receiver does not read',
    async (type, attributes) => {
      const { pair, path } = await bench.proxy();
      const { client, server } = await pair();
      client.socket.pause();
      await server.fill();
      const toxic = `${path}/toxics/t`;
      const body = { type, name: 't', attributes };
      expect((await timely('POST', `${path}/toxics`, { body })).status).toBe(200);
      expect((await timely('POST', toxic, { body: { toxicity: 1 } })).status).toBe(200);
      expect((await timely('GET', '/proxies')).status).toBe(200);
      expect((await timely('DELETE', toxic)).status).toBe(204);
      expect((await timely('POST', '/reset')).status).toBe(204);
      expect((await timely('DELETE', path)).status).toBe(204);
    },
  );

  test('what is buffered does not grow with every toxic that comes and goes', async () => {
    const { pair, path, toxic } = await bench.proxy();
    const { client, server } = await pair();
    client.socket.pause();
    await server.fill();
    const rounds: number[] = [];
    for (let round = 0; round < 4; round++) {
      await toxic({ type: 'latency', name: 't', attributes: { latency: 60_000 } });
      await server.fill();
      await bench.api('DELETE', `${path}/toxics/t`);
      await server.fill();
      rounds.push(server.socket.bytesWritten);
    }
    // The first latency takes its 1,024 chunks of 32 KiB; those that follow find the link full.
    expect((rounds[3] ?? 0) - (rounds[0] ?? 0)).toBeLessThan(16 * 1024 * 1024);
  });

  test('a reset_peer that waits does not hold up its removal; the reset comes all the same', async () => {
    const { pair, path } = await bench.proxy({
      toxics: [{ type: 'reset_peer', stream: 'upstream', attributes: { timeout: 1500 } }],
    });
    const { client, server } = await pair();
    const start = performance.now();
    client.write('trigger');
    server.write('x');
    await client.received(1);
    expect((await timely('DELETE', `${path}/toxics/reset_peer_upstream`)).status).toBe(204);
    expect(await Promise.all([client.ended, server.ended])).toEqual(['reset', 'reset']);
    expect(performance.now() - start).toBeGreaterThan(1490);
  });

  test('bandwidth: a negative rate is refused, on creation and update; an enormous one limits nothing', async () => {
    const { pair, path, toxic } = await bench.proxy();
    const bad = { type: 'bandwidth', attributes: { rate: -1 } };
    expect(await timely('POST', `${path}/toxics`, { body: bad })).toMatchObject({
      status: 400,
      text: '{"error":"bad request body: rate must not be negative","status":400}\n',
    });
    const huge = '{"type":"bandwidth","attributes":{"rate":9223372036854775807}}';
    expect((await bench.api('POST', `${path}/toxics`, { body: huge })).status).toBe(200);
    expect((await bench.api('POST', `${path}/toxics/bandwidth_downstream`, { body: bad })).status).toBe(400);
    expect((await bench.api('GET', `${path}/toxics`)).text).toContain('"rate":9223372036854775807');
    await toxic({ type: 'noop' });
    const { client, server } = await pair();
    server.write(Buffer.alloc(1_000_000));
    await client.received(1_000_000);
  });

  test.each([
    { average_size: 0 },
    { average_size: -5, size_variation: 3 },
    { average_size: 10, size_variation: 1_000_000 },
    { average_size: 3, size_variation: -3, delay: -1 },
  ])('slicer %j cuts, and loses nothing', async (attributes) => {
    const { pair } = await bench.proxy({ toxics: [{ type: 'slicer', attributes }] });
    const { client, server } = await pair();
    const sent = Buffer.from(Array.from({ length: 3000 }, (_, at) => at % 256));
    server.write(sent);
    await client.received(sent.length);
    expect(Buffer.concat(client.pieces.map(({ data }) => data))).toEqual(sent);
  });

  test.each(['latency', 'timeout', 'slow_close', 'reset_peer', 'limit_data', 'slicer'])(
    '%s with the largest and the smallest numbers',
    async (type) => {
      const { path, pair } = await bench.proxy();
      const names = ['latency', 'jitter', 'timeout', 'delay', 'bytes', 'average_size', 'size_variation'];
      for (const number of ['9223372036854775807', '-9223372036854775808']) {
        const attributes = names.map((name) => `"${name}":${number}`).join(',');
        const body = `{"type":"${type}","attributes":{${attributes}}}`;
        expect((await timely('POST', `${path}/toxics`, { body })).status).toBe(200);
        const { server } = await pair();
        server.write('x');
        expect((await timely('DELETE', `${path}/toxics/${type}_downstream`)).status).toBe(204);
      }
    },
  );

  test('a body that is too large: 413 within a second', async () => {
    const body = `{"name":"${'x'.repeat(9 * 1024 * 1024)}`;
    const reply = await timely('POST', '/proxies', { body });
    expect(reply.status).toBe(413);
    expect(reply.json()).toMatchObject({ status: 413 });
  });

  test('JSON nested without end: 400', async () => {
    const reply = await timely('POST', '/proxies', { body: '['.repeat(1_000_000) });
    expect(reply.json()).toEqual({ error: 'bad request body: exceeded max depth', status: 400 });
  });

  test('1,000 proxies in one call, listed, reset and deleted', async () => {
    const body = Array.from({ length: 1000 }, (_, at) => ({
      name: `p${at}`,
      listen: '127.0.0.1:0',
      upstream: '127.0.0.1:1',
    }));
    expect((await bench.api('POST', '/populate', { body })).status).toBe(201);
    expect(Object.keys((await timely('GET', '/proxies')).json() as object)).toHaveLength(1000);
    expect((await timely('POST', '/reset')).status).toBe(204);
    await Promise.all(body.map(async ({ name }) => bench.api('DELETE', `/proxies/${name}`)));
    expect((await timely('GET', '/proxies')).text).toBe('{}');
  });

  test('the same name from many callers at once: one 201, the others 409', async () => {
    const body = { name: 'one', listen: '127.0.0.1:0', upstream: '127.0.0.1:1' };
    const replies = await Promise.all(
      Array.from({ length: 20 }, async () => bench.api('POST', '/proxies', { body })),
    );
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(replies.filter(({ status }) => status === 409)).toHaveLength(19);
  });

  test('callers that leave in the middle of a request', async () => {
    const { hostname, port } = new URL(bench.toxiproxy.url);
    for (let round = 0; round < 10; round++) {
      const socket = connect(Number(port), hostname);
      socket.write('POST /proxies HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"name":');
      await vi.waitFor(() => expect(socket.bytesWritten).toBeGreaterThan(0));
      socket.resetAndDestroy();
    }
    expect((await timely('GET', '/proxies')).text).toBe('{}');
  });

  test('clients that come and go in every way leave nothing', async () => {
    const { pair, toxic } = await bench.proxy();
    await toxic({ type: 'latency', attributes: { latency: 5, jitter: 5 } });
    await toxic({ type: 'slow_close', stream: 'upstream', attributes: { delay: 20 } });
    const pairs = [];
    for (let at = 0; at < 40; at++) pairs.push(await pair());
    for (const [at, { client, server }] of pairs.entries()) {
      client.write(Buffer.alloc(100_000));
      server.write(Buffer.alloc(100_000));
      const ends = [
        () => client.socket.resetAndDestroy(),
        () => client.socket.end(),
        () => server.socket.resetAndDestroy(),
        () => server.socket.end(),
      ];
      ends[at % 4]?.();
    }
    await vi.waitFor(() => expect(bench.connections()).toBe(0), { timeout: 5000 });
  });

  test('clients that reset while their upstream is dialled leave nothing', async () => {
    const { listen } = await bench.proxy();
    const clients = Array.from({ length: 30 }, () => connect(Number(listen.split(':')[1]), '127.0.0.1'));
    await Promise.all(clients.map(async (client) => once(client, 'connect')));
    for (const client of clients) client.resetAndDestroy();
    await vi.waitFor(() => expect(bench.connections()).toBe(0), { timeout: 5000 });
  });
});
