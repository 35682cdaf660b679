import { describe, expect, test } from 'vitest';
import { embedded } from './testing/subjects.ts';

describe('extensions', () => {
  const bench = embedded({ extensions: true });

  const create = async (more: Record<string, unknown>) => {
    const upstream = await bench.upstream();
    const body = { name: 'x', listen: '127.0.0.1:0', upstream: upstream.address, ...more };
    const reply = await bench.api('POST', '/proxies', { body });
    const { listen } = reply.json() as { listen: string };
    const pair = async () => {
      const client = await bench.dial(listen);
      return { client, server: await upstream.next() };
    };
    return { reply, pair };
  };

  test('a proxy is created with its toxics in one call', async () => {
    const toxics = [
      { type: 'latency', attributes: { latency: 7 } },
      { type: 'noop', stream: 'upstream' },
    ];
    const { reply } = await create({ toxics });
    expect(reply.status).toBe(201);
    expect(reply.json()).toMatchObject({
      toxics: [
        { name: 'noop_upstream', type: 'noop' },
        { name: 'latency_downstream', attributes: { latency: 7, jitter: 0 } },
      ],
    });
  });

  test('a toxic that is wrong, or doubled: nothing is created', async () => {
    const wrong = await create({ toxics: [{ type: 'noop' }, { type: 'nope' }] });
    expect(wrong.reply.text).toBe('{"error":"invalid toxic type","status":400}\n');
    const doubled = await create({ toxics: [{ type: 'noop' }, { type: 'noop' }] });
    expect(doubled.reply.text).toBe('{"error":"toxic already exists","status":409}\n');
    const noList = await create({ toxics: {} });
    expect(noList.reply.status).toBe(400);
    expect((await bench.api('GET', '/proxies')).text).toBe('{}');
  });

  test('populate takes toxics too', async () => {
    const body = [{ name: 'p', listen: '127.0.0.1:0', upstream: '127.0.0.1:1', toxics: [{ type: 'noop' }] }];
    const reply = await bench.api('POST', '/populate', { body });
    expect(reply.json()).toMatchObject({ proxies: [{ toxics: [{ name: 'noop_downstream' }] }] });
  });

  test.each([
    [{ connections: [1, 3] }, '10100'],
    [{ every: 2 }, '01010'],
    [{ connections: [5], every: 4 }, '00011'],
  ])('%j hits the connections of those numbers', async (which, pattern) => {
    const { pair, reply } = await create({ toxics: [{ type: 'limit_data', ...which }] });
    expect(reply.json()).toMatchObject({ toxics: [which] });
    let seen = '';
    for (let at = 0; at < pattern.length; at++) {
      const { client, server } = await pair();
      server.write('x');
      await Promise.race([client.ended, client.received(1).catch(() => {})]);
      seen += client.bytes === 0 ? '1' : '0';
    }
    expect(seen).toBe(pattern);
  });

  test('a toxic added later counts from its addition and spares what is open', async () => {
    const { pair } = await create({});
    const open = await pair();
    const body = { type: 'limit_data', connections: [1] };
    expect((await bench.api('POST', '/proxies/x/toxics', { body })).status).toBe(200);
    open.server.write('x');
    await open.client.received(1);
    const next = await pair();
    next.server.write('x');
    expect(await next.client.ended).toBe('fin');
    expect(next.client.bytes).toBe(0);
  });

  test.each([{ connections: [0] }, { connections: ['x'] }, { connections: 1 }, { every: 0 }, { every: 1.5 }])(
    '%j is refused',
    async (which) => {
      const { reply } = await create({ toxics: [{ type: 'noop', ...which }] });
      expect(reply.status).toBe(400);
    },
  );

  test('idle_reset resets both sides when its stream was idle for so long', async () => {
    const { pair } = await create({
      toxics: [{ type: 'idle_reset', stream: 'upstream', attributes: { timeout: 200 } }],
    });
    const { client, server } = await pair();
    const start = performance.now();
    client.write('passes');
    await server.received(6);
    expect(await Promise.all([client.ended, server.ended])).toEqual(['reset', 'reset']);
    expect(performance.now() - start).toBeGreaterThan(195);
  });

  test('half_close: an end goes through, the other direction stays open', async () => {
    const { pair } = await create({ half_close: true });
    const { client, server } = await pair();
    client.socket.end('request');
    expect(await server.ended).toBe('fin');
    expect(server.text).toBe('request');
    server.socket.write('answer');
    await client.received(6);
    expect(client.ending).toBeUndefined();
    server.socket.end();
    expect(await client.ended).toBe('fin');
  });

  test('half_close: a reset still closes both', async () => {
    const { pair } = await create({ half_close: true });
    const { client, server } = await pair();
    client.socket.resetAndDestroy();
    await server.ended;
    await expect.poll(() => bench.connections()).toBe(0);
  });
});

describe('without the flag', () => {
  const bench = embedded();

  test('extensions are not there', async () => {
    const { path } = await bench.proxy();
    const body = { type: 'noop', connections: [0], every: 'x' };
    const reply = await bench.api('POST', `${path}/toxics`, { body });
    expect(reply.text).toBe(
      '{"attributes":{},"name":"noop_downstream","type":"noop","stream":"downstream","toxicity":1}',
    );
    const idle = await bench.api('POST', `${path}/toxics`, { body: { type: 'idle_reset' } });
    expect(idle.text).toBe('{"error":"invalid toxic type","status":400}\n');
    const proxy = { name: 'h', listen: '127.0.0.1:0', upstream: 'x', half_close: 1, toxics: 1 };
    const created = await bench.api('POST', '/proxies', { body: proxy });
    expect(created.text).not.toContain('half_close');
  });
});
