import { connect } from 'node:net';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { contract } from './testing/subjects.ts';

const EMPTY = { Logger: {}, toxics: [] };

contract('API', (bench) => {
  /** Creates a proxy of that name; its upstream is never dialled. */
  const create = async (name: string, more: Record<string, unknown> = {}) =>
    bench.api('POST', '/proxies', {
      body: { name, listen: '127.0.0.1:0', upstream: '127.0.0.1:1', ...more },
    });

  describe('proxies', () => {
    test('create: 201, the real address, enabled, keys in order', async () => {
      const reply = await create('one');
      expect(reply.status).toBe(201);
      expect(reply.headers['content-type']).toBe('application/json');
      const { listen } = reply.json() as { listen: string };
      expect(listen).toMatch(/^127\.0\.0\.1:\d+$/);
      const text = `{"name":"one","listen":"${listen}","upstream":"127.0.0.1:1","enabled":true,"Logger":{},"toxics":[]}`;
      expect(reply.text).toBe(text);
      expect((await bench.api('GET', '/proxies/one')).text).toBe(text);
      expect((await bench.api('GET', '/proxies')).text).toBe(`{"one":${text}}`);
    });

    test('a host name becomes its address; a disabled proxy keeps what was written', async () => {
      const named = (await create('named', { listen: 'localhost:0' })).json() as { listen: string };
      expect(named.listen).toMatch(/^127\.0\.0\.1:\d+$/);
      const off = await create('off', { listen: 'garbage', enabled: false });
      expect(off.status).toBe(201);
      expect(off.json()).toMatchObject({ listen: 'garbage', enabled: false });
    });

    test('keys in any case; unknown keys, toxics and what follows the body are ignored', async () => {
      const body = `{"NAME":"a","upSTREAM":"127.0.0.1:1","listen":"127.0.0.1:0","x":[{}],"toxics":[{"type":"noop"}]} more`;
      const reply = await bench.api('POST', '/proxies', { body });
      expect(reply.status).toBe(201);
      expect(reply.json()).toMatchObject({ name: 'a', ...EMPTY });
    });

    test('names are escaped as Go does, and addressed by URL encoding', async () => {
      expect((await create('<&> é"')).text).toContain(String.raw`"name":"\u003c\u0026\u003e é\""`);
      const reply = await bench.api('GET', `/proxies/${encodeURIComponent('<&> é"')}`);
      expect(reply.json()).toMatchObject({ name: '<&> é"' });
    });

    test('listed in the order of their names', async () => {
      for (const name of ['b', 'a', 'B', 'é', '10', '9']) await create(name);
      const names = [...(await bench.api('GET', '/proxies')).text.matchAll(/"name":"([^"]*)"/g)].map(
        ([, name]) => name,
      );
      expect(names).toEqual(['10', '9', 'B', 'a', 'b', 'é']);
    });

    test('a second of that name: 409; a taken port: 500, and nothing is created', async () => {
      const { listen } = (await create('one')).json() as { listen: string };
      expect((await create('one')).text).toBe('{"error":"proxy already exists","status":409}\n');
      const reply = await create('two', { listen });
      expect(reply.status).toBe(500);
      expect(reply.json()).toEqual({
        error: `listen tcp ${listen}: bind: address already in use`,
        status: 500,
      });
      expect((await bench.api('GET', '/proxies/two')).status).toBe(404);
    });

    test.each(['POST', 'PATCH'])('%s updates what is given and keeps the rest', async (method) => {
      const { listen } = (await create('one')).json() as { listen: string };
      const first = await bench.api(method, '/proxies/one', { body: { upstream: '127.0.0.1:2', name: 'x' } });
      expect(first.status).toBe(200);
      expect(first.json()).toMatchObject({ name: 'one', listen, upstream: '127.0.0.1:2', enabled: true });
      const off = await bench.api(method, '/proxies/one', { body: { enabled: false, listen: null } });
      expect(off.json()).toMatchObject({ listen, upstream: '127.0.0.1:2', enabled: false });
      expect((await bench.api(method, '/proxies/one', { body: 'null' })).json()).toEqual(off.json());
    });

    test('a failed enable: 500, disabled, the new address kept; a bad address changes nothing', async () => {
      const { listen: taken } = (await create('one')).json() as { listen: string };
      await create('two');
      const reply = await bench.api('POST', '/proxies/two', { body: { listen: taken } });
      expect(reply.status).toBe(500);
      const show = await bench.api('GET', '/proxies/two');
      expect(show.json()).toMatchObject({ listen: taken, enabled: false });
      const bad = await bench.api('POST', '/proxies/one', { body: { listen: 'garbage', upstream: 'x:1' } });
      expect(bad.json()).toEqual({ error: 'address garbage: missing port in address', status: 500 });
      expect((await bench.api('GET', '/proxies/one')).json()).toMatchObject({
        listen: taken,
        upstream: '127.0.0.1:1',
      });
    });

    test('delete: 204, gone, its port free', async () => {
      const { listen } = (await create('one')).json() as { listen: string };
      const reply = await bench.api('DELETE', '/proxies/one');
      expect([reply.status, reply.text]).toEqual([204, '']);
      expect((await bench.api('GET', '/proxies/one')).text).toBe(
        '{"error":"proxy not found","status":404}\n',
      );
      expect((await create('two', { listen })).status).toBe(201);
    });
  });

  describe('populate', () => {
    const entry = (name: string, more: Record<string, unknown> = {}) => ({
      name,
      listen: '127.0.0.1:0',
      upstream: '127.0.0.1:1',
      ...more,
    });

    test('creates all: 201', async () => {
      const reply = await bench.api('POST', '/populate', {
        body: [entry('a'), entry('b', { enabled: false })],
      });
      expect(reply.status).toBe(201);
      expect(reply.json()).toMatchObject({
        proxies: [
          { name: 'a', enabled: true, ...EMPTY },
          { name: 'b', enabled: false, ...EMPTY },
        ],
      });
      expect((await bench.api('POST', '/populate', { body: [] })).text).toBe('{"proxies":null}');
    });

    test('a missing field anywhere: 400, nothing is created', async () => {
      const reply = await bench.api('POST', '/populate', { body: [entry('a'), { name: 'b' }] });
      expect(reply.headers['content-type']).toBe('application/json');
      expect(reply.text).toBe(
        '{"error":"missing required field: upstream at proxy 2","status":400,"proxies":null}',
      );
      expect((await bench.api('GET', '/proxies')).text).toBe('{}');
    });

    test('the same address and upstream: untouched; another: replaced without toxics', async () => {
      const { listen } = (await create('a')).json() as { listen: string };
      await bench.api('POST', '/proxies/a/toxics', { body: { type: 'noop' } });
      const same = await bench.api('POST', '/populate', { body: [entry('a', { listen, enabled: false })] });
      expect(same.json()).toMatchObject({ proxies: [{ listen, enabled: true, toxics: [{ type: 'noop' }] }] });
      const other = await bench.api('POST', '/populate', {
        body: [entry('a', { listen, upstream: '127.0.0.1:2' })],
      });
      expect(other.json()).toMatchObject({ proxies: [{ listen, upstream: '127.0.0.1:2', toxics: [] }] });
    });

    test('stops at the first that cannot listen and tells what was done', async () => {
      const { listen } = (await create('taken')).json() as { listen: string };
      const body = [entry('a'), entry('b', { listen }), entry('c')];
      const reply = await bench.api('POST', '/populate', { body });
      expect(reply.status).toBe(500);
      expect(reply.json()).toMatchObject({
        error: `listen tcp ${listen}: bind: address already in use`,
        status: 500,
        proxies: [{ name: 'a' }],
      });
      expect(Object.keys((await bench.api('GET', '/proxies')).json() as object)).toEqual(['a', 'taken']);
    });
  });

  describe('toxics', () => {
    test.each([
      ['latency', '{"latency":0,"jitter":0}'],
      ['bandwidth', '{"rate":0}'],
      ['slow_close', '{"delay":0}'],
      ['timeout', '{"timeout":0}'],
      ['slicer', '{"average_size":0,"size_variation":0,"delay":0}'],
      ['limit_data', '{"bytes":0}'],
      ['reset_peer', '{"timeout":0}'],
      ['noop', '{}'],
    ])('%s with its defaults', async (type, attributes) => {
      await create('one');
      const reply = await bench.api('POST', '/proxies/one/toxics', { body: { type } });
      const text = `{"attributes":${attributes},"name":"${type}_downstream","type":"${type}","stream":"downstream","toxicity":1}`;
      expect([reply.status, reply.text]).toEqual([200, text]);
      expect(reply.headers['content-type']).toBe('application/json');
      expect((await bench.api('GET', `/proxies/one/toxics/${type}_downstream`)).text).toBe(text);
      expect((await bench.api('GET', '/proxies/one/toxics')).text).toBe(`[${text}]`);
    });

    test('upstream first, each in the order added; the case of the stream is echoed', async () => {
      await create('one');
      for (const [name, stream] of [['d1'], ['u1', 'upstream'], ['d2', 'DOWNstream'], ['u2', 'Upstream']]) {
        await bench.api('POST', '/proxies/one/toxics', { body: { type: 'noop', name, stream } });
      }
      const list = (await bench.api('GET', '/proxies/one/toxics')).json() as {
        name: string;
        stream: string;
      }[];
      expect(list.map(({ name }) => name)).toEqual(['u1', 'u2', 'd1', 'd2']);
      expect(list.map(({ stream }) => stream)).toEqual(['upstream', 'Upstream', 'downstream', 'DOWNstream']);
      const named = await bench.api('POST', '/proxies/one/toxics', {
        body: { type: 'noop', stream: 'UpStream' },
      });
      expect(named.json()).toMatchObject({ name: 'noop_UpStream' });
    });

    test.each([
      ['0.1', '0.1'],
      ['1e-7', '1e-7'],
      ['16777217', '16777216'],
      ['-3.25', '-3.25'],
      ['-0', '-0'],
      ['null', '1'],
    ])('toxicity %s is kept as float32', async (toxicity, printed) => {
      await create('one');
      const body = `{"type":"noop","toxicity":${toxicity}}`;
      const reply = await bench.api('POST', '/proxies/one/toxics', { body });
      expect(reply.text).toContain(`"toxicity":${printed}}`);
    });

    test('64-bit integers are kept to the last digit', async () => {
      await create('one');
      const body =
        '{"type":"latency","attributes":{"LATENCY":9223372036854775807,"jitter":-9223372036854775808}}';
      const reply = await bench.api('POST', '/proxies/one/toxics', { body });
      expect(reply.text).toContain('{"latency":9223372036854775807,"jitter":-9223372036854775808}');
    });

    test.each(['POST', 'PATCH'])('%s merges attributes and toxicity, ignores the rest', async (method) => {
      await create('one');
      const attributes = { latency: 5, jitter: 3 };
      await bench.api('POST', '/proxies/one/toxics', { body: { type: 'latency', name: 't', attributes } });
      const body = {
        attributes: { latency: 6 },
        name: 'x',
        type: 'timeout',
        stream: 'upstream',
        toxicity: 0.5,
      };
      const reply = await bench.api(method, '/proxies/one/toxics/t', { body });
      expect(reply.text).toBe(
        '{"attributes":{"latency":6,"jitter":3},"name":"t","type":"latency","stream":"downstream","toxicity":0.5}',
      );
    });

    test('an update that does not fit may have changed what fitted', async () => {
      await create('one');
      await bench.api('POST', '/proxies/one/toxics', { body: { type: 'latency', name: 't' } });
      const body = '{"attributes":{"jitter":"x","latency":5},"toxicity":0.5}';
      expect((await bench.api('POST', '/proxies/one/toxics/t', { body })).status).toBe(400);
      expect((await bench.api('GET', '/proxies/one/toxics/t')).json()).toMatchObject({
        attributes: { latency: 5, jitter: 0 },
        toxicity: 1,
      });
    });

    test('delete: 204, gone; a second of that name: 409, in the other stream too', async () => {
      await create('one');
      const body = { type: 'noop', name: 't' };
      await bench.api('POST', '/proxies/one/toxics', { body });
      const second = await bench.api('POST', '/proxies/one/toxics', {
        body: { ...body, stream: 'upstream' },
      });
      expect(second.text).toBe('{"error":"toxic already exists","status":409}\n');
      const reply = await bench.api('DELETE', '/proxies/one/toxics/t');
      expect([reply.status, reply.text]).toEqual([204, '']);
      expect((await bench.api('DELETE', '/proxies/one/toxics/t')).text).toBe(
        '{"error":"toxic not found","status":404}\n',
      );
    });
  });

  test('reset enables every proxy and removes every toxic; one that cannot listen makes it 500', async () => {
    await create('one');
    await create('two', { enabled: false });
    await bench.api('POST', '/proxies/one/toxics', { body: { type: 'latency' } });
    const reply = await bench.api('POST', '/reset');
    expect([reply.status, reply.text]).toEqual([204, '']);
    expect((await bench.api('GET', '/proxies')).json()).toMatchObject({
      one: { enabled: true, toxics: [] },
      two: { enabled: true, toxics: [] },
    });
    await create('three', { enabled: false, listen: 'garbage' });
    expect((await bench.api('POST', '/reset')).json()).toEqual({
      error: 'listen tcp: address garbage: missing port in address',
      status: 500,
    });
  });

  test('version', async () => {
    const reply = await bench.api('GET', '/version');
    expect(reply.headers['content-type']).toBe('application/json;charset=utf-8');
    // Only released binaries know their number.
    expect(reply.text).toMatch(/^\{"version": "(2\.12\.0|git)"\}\n$/);
  });

  test('no metrics unless asked for', async () => {
    expect((await bench.api('GET', '/metrics')).text).toBe('404 page not found\n');
  });

  test.each([
    ['GET', '/nope', 404, '404 page not found\n'],
    ['GET', '/proxies/', 404, '404 page not found\n'],
    ['PUT', '/proxies', 405, ''],
    ['HEAD', '/proxies', 405, ''],
    ['OPTIONS', '/version', 405, ''],
    ['GET', '/reset', 405, ''],
    ['GET', '//proxies', 301, ''],
    ['GET', '/a/../proxies', 301, ''],
    ['GET', '/proxies/none', 404, '{"error":"proxy not found","status":404}\n'],
    ['POST', '/proxies/none/toxics', 404, '{"error":"proxy not found","status":404}\n'],
  ])('%s %s is %i', async (method, path, status, text) => {
    const reply = await bench.api(method, path);
    expect([reply.status, reply.text]).toEqual([status, text]);
    expect(reply.headers['allow']).toBeUndefined();
    if (status === 301) expect(reply.headers['location']).toBe('/proxies');
  });

  test('browsers are turned away, on routes that exist', async () => {
    const headers = { 'User-Agent': 'Mozilla/5.0' };
    const reply = await bench.api('GET', '/version', { headers });
    expect([reply.status, reply.text]).toEqual([403, 'User agent not allowed\n']);
    expect((await bench.api('GET', '/nope', { headers })).status).toBe(404);
    const other = { 'User-Agent': 'mozilla/5.0' };
    expect((await bench.api('GET', '/version', { headers: other })).status).toBe(200);
  });

  test('every answer of a route has an id, errors are plain text', async () => {
    expect((await bench.api('GET', '/version')).headers['x-toxiproxy-request-id']).toMatch(/^[0-9a-v]{20}$/);
    const reply = await bench.api('GET', '/proxies/none');
    expect(reply.headers['x-toxiproxy-request-id']).toMatch(/^[0-9a-v]{20}$/);
    expect(reply.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(reply.headers['x-content-type-options']).toBe('nosniff');
    expect((await bench.api('GET', '/nope')).headers['x-toxiproxy-request-id']).toBeUndefined();
  });

  test('what is not HTTP is answered 400', async () => {
    const { hostname, port } = new URL(bench.toxiproxy.url);
    const socket = connect(Number(port), hostname);
    socket.write('what?\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 400 /);
    socket.destroy();
  });
});

contract('a name with a slash', (bench) => {
  test('can be created and not addressed', async () => {
    const body = { name: 'a/b', listen: '127.0.0.1:0', upstream: '127.0.0.1:1' };
    expect((await bench.api('POST', '/proxies', { body })).status).toBe(201);
    for (const path of ['/proxies/a%2Fb', '/proxies/a/b']) {
      expect((await bench.api('GET', path)).text).toBe('404 page not found\n');
    }
    expect(Object.keys((await bench.api('GET', '/proxies')).json() as object)).toEqual(['a/b']);
  });
});
