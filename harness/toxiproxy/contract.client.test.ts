import { Toxiproxy } from 'toxiproxy-node-client';
import { expect, test } from 'vitest';
import { contract } from './testing/subjects.ts';

contract('toxiproxy-node-client', (bench) => {
  test('creates, changes, resets and removes', async () => {
    const upstream = await bench.upstream();
    const stock = new Toxiproxy(bench.toxiproxy.url);
    const proxy = await stock.createProxy({
      name: 'stock',
      listen: '127.0.0.1:0',
      upstream: upstream.address,
    });
    expect(proxy.listen).toMatch(/^127\.0\.0\.1:\d+$/);
    const client = await bench.dial(proxy.listen);
    const server = await upstream.next();

    const body = { name: 'slow', type: 'latency', stream: 'downstream', toxicity: 1 } as const;
    const toxic = await proxy.addToxic({ ...body, attributes: { latency: 150, jitter: 0 } });
    const start = performance.now();
    server.write('x');
    await client.received(1);
    expect(performance.now() - start).toBeGreaterThan(145);

    const updated = await toxic.update({ ...body, attributes: { latency: 1, jitter: 0 } });
    expect(updated.attributes).toEqual({ latency: 1, jitter: 0 });
    expect((await proxy.getToxic('slow')).toJson()).toEqual(updated.toJson());
    await toxic.remove();
    await expect(proxy.getToxic('slow')).rejects.toThrow('404');

    await stock.reset();
    expect(Object.keys(await stock.getAll())).toEqual(['stock']);
    expect((await stock.get('stock')).toJson()).toEqual(proxy.toJson());
    await proxy.remove();
    expect(await client.ended).toBe('fin');
    await expect(stock.get('stock')).rejects.toThrow('404');
  });

  test('populates', async () => {
    const stock = new Toxiproxy(bench.toxiproxy.url);
    const made = await stock.populate([{ name: 'one', listen: '127.0.0.1:0', upstream: '127.0.0.1:1' }]);
    expect(Object.keys(made)).toEqual(['one']);
  });
});
