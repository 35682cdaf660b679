import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { contract } from './testing/subjects.ts';

contract('closing', (bench) => {
  test('an end of one side ends both directions: no half-close', async () => {
    const { pair } = await bench.proxy();
    const byClient = await pair();
    byClient.client.socket.end('bye');
    expect(await Promise.all([byClient.server.ended, byClient.client.ended])).toEqual(['fin', 'fin']);
    expect(byClient.server.text).toBe('bye');
    const byServer = await pair();
    byServer.server.socket.end('bye');
    expect(await Promise.all([byServer.server.ended, byServer.client.ended])).toEqual(['fin', 'fin']);
    expect(byServer.client.text).toBe('bye');
  });

  test('a reset of one side is an end on the other', async () => {
    const { pair } = await bench.proxy();
    const byClient = await pair();
    byClient.client.socket.resetAndDestroy();
    expect(await byClient.server.ended).toBe('fin');
    const byServer = await pair();
    byServer.server.socket.resetAndDestroy();
    expect(await byServer.client.ended).toBe('fin');
  });

  test('all that was sent before an end arrives', async () => {
    const { pair } = await bench.proxy();
    const { client, server } = await pair();
    client.socket.end(Buffer.alloc(5_000_000));
    expect(await server.ended).toBe('fin');
    expect(server.bytes).toBe(5_000_000);
  });

  test('an upstream that refuses: the client is connected, then closed', async () => {
    const upstream = await bench.upstream();
    const body = { name: 'refused', listen: '127.0.0.1:0', upstream: upstream.address };
    await upstream.close();
    const { listen } = (await bench.api('POST', '/proxies', { body })).json() as { listen: string };
    const client = await bench.dial(listen);
    expect(await client.ended).toBe('fin');
  });

  test('an upstream that is no address closes the client', async () => {
    const body = { name: 'bad', listen: '127.0.0.1:0', upstream: 'nowhere' };
    const { listen } = (await bench.api('POST', '/proxies', { body })).json() as { listen: string };
    expect(await (await bench.dial(listen)).ended).toBe('fin');
  });

  test('disabling closes every connection at once, data in toxics is dropped, and refuses new ones', async () => {
    const { pair, path, listen } = await bench.proxy({
      toxics: [{ type: 'latency', attributes: { latency: 5000 } }],
    });
    const { client, server } = await pair();
    server.write('dropped');
    client.write('up');
    await server.received(2);
    const disabled = await bench.api('POST', path, { body: { enabled: false } });
    expect(disabled.json()).toMatchObject({ enabled: false, listen });
    expect(await Promise.all([client.ended, server.ended])).toEqual(['fin', 'fin']);
    expect(client.bytes).toBe(0);
    const [host, port] = listen.split(':');
    const [error] = (await once(connect(Number(port), host), 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');

    const enabled = await bench.api('POST', path, { body: { enabled: true } });
    expect(enabled.json()).toMatchObject({ enabled: true, listen, toxics: [{ type: 'latency' }] });
    await pair();
  });

  test('deleting a proxy, or changing its upstream, closes its connections', async () => {
    const deleted = await bench.proxy();
    const one = await deleted.pair();
    expect((await bench.api('DELETE', deleted.path)).status).toBe(204);
    expect(await Promise.all([one.client.ended, one.server.ended])).toEqual(['fin', 'fin']);

    const moved = await bench.proxy();
    const two = await moved.pair();
    const other = await bench.upstream();
    const reply = await bench.api('PATCH', moved.path, { body: { upstream: other.address } });
    expect(reply.json()).toMatchObject({ upstream: other.address, listen: moved.listen, enabled: true });
    expect(await Promise.all([two.client.ended, two.server.ended])).toEqual(['fin', 'fin']);
    const client = await bench.dial(moved.listen);
    const server = await other.next();
    client.write('x');
    await server.received(1);
  });

  test('an update that changes nothing keeps connections', async () => {
    const { pair, path, listen, upstream } = await bench.proxy();
    const { client, server } = await pair();
    const body = { listen, upstream: upstream.address, enabled: true, name: 'other' };
    expect((await bench.api('PATCH', path, { body })).status).toBe(200);
    client.write('x');
    await server.received(1);
    expect(client.ending).toBeUndefined();
  });

  test('a sender whose data nobody reads is reset when its proxy is disabled; the receiver gets an end', async () => {
    const { pair, path } = await bench.proxy();
    const { client, server } = await pair();
    client.socket.pause();
    await server.fill();
    await bench.api('POST', path, { body: { enabled: false } });
    expect(await server.ended).toBe('reset');
    client.socket.resume();
    expect(await client.ended).toBe('fin');
  });

  test('a sender whose data nobody reads is reset when the receiver ends', async () => {
    const { pair } = await bench.proxy();
    const { client, server } = await pair();
    client.socket.pause();
    await server.fill();
    client.socket.end();
    expect(await server.ended).toBe('reset');
  });
});
