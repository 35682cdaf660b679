import { expect, test } from 'vitest';
import { contract } from './testing/subjects.ts';

contract('toxics on live connections', (bench) => {
  test('a toxic added meets the data that comes after it', async () => {
    const { pair, toxic } = await bench.proxy();
    const { client, server } = await pair();
    server.write('fast');
    await client.received(4);
    await toxic({ type: 'latency', attributes: { latency: 200 } });
    const start = performance.now();
    server.write('slow');
    await client.received(8);
    expect(performance.now() - start).toBeGreaterThan(195);
    expect(client.text).toBe('fastslow');
  });

  test('removing a latency lets go of the waiting data at once, in order', async () => {
    const { pair, path } = await bench.proxy({
      toxics: [{ type: 'latency', attributes: { latency: 60_000 } }],
    });
    const { client, server } = await pair();
    const sent = Buffer.from(Array.from({ length: 300_000 }, (_, at) => at % 251));
    server.write(sent);
    client.write('x');
    await server.received(1);
    expect((await bench.api('DELETE', `${path}/toxics/latency_downstream`)).status).toBe(204);
    await client.received(sent.length);
    expect(Buffer.concat(client.pieces.map(({ data }) => data)).equals(sent)).toBe(true);
    server.write('!');
    await client.received(sent.length + 1);
  });

  test('updating a latency lets go of the first chunk and delays the others anew', async () => {
    const { pair, path } = await bench.proxy({
      toxics: [{ type: 'latency', attributes: { latency: 60_000 } }],
    });
    const { client, server } = await pair();
    server.write('x');
    client.write('x');
    await server.received(1);
    const body = { attributes: { latency: 10 } };
    const reply = await bench.api('POST', `${path}/toxics/latency_downstream`, { body });
    expect(reply.json()).toMatchObject({ attributes: { latency: 10, jitter: 0 } });
    await client.received(1);
  });

  test('removing a timeout closes live connections of its stream, spared ones too', async () => {
    const { pair, path } = await bench.proxy({ toxics: [{ type: 'timeout', toxicity: 0 }] });
    const { client, server } = await pair();
    expect((await bench.api('DELETE', `${path}/toxics/timeout_downstream`)).status).toBe(204);
    expect(await Promise.all([client.ended, server.ended])).toEqual(['fin', 'fin']);
  });

  test('a reset closes them too, and removes every toxic', async () => {
    const { pair, path } = await bench.proxy({
      toxics: [{ type: 'timeout' }, { type: 'latency', stream: 'upstream' }],
    });
    const { client } = await pair();
    expect((await bench.api('POST', '/reset')).status).toBe(204);
    expect(await client.ended).toBe('fin');
    expect((await bench.api('GET', `${path}/toxics`)).text).toBe('[]');
  });

  test('updating a timeout keeps connections; its time starts again', async () => {
    const { pair, path } = await bench.proxy({ toxics: [{ type: 'timeout' }] });
    const { client, server } = await pair();
    const start = performance.now();
    const body = { attributes: { timeout: 200 } };
    expect((await bench.api('POST', `${path}/toxics/timeout_downstream`, { body })).status).toBe(200);
    expect(client.ending).toBeUndefined();
    await Promise.all([client.ended, server.ended]);
    expect(client.endedAt - start).toBeGreaterThan(195);
  });

  test('removing a slow_close that is waiting closes at once', async () => {
    const { pair, path } = await bench.proxy({
      toxics: [{ type: 'slow_close', attributes: { delay: 60_000 } }],
    });
    const { client, server } = await pair();
    server.socket.end('bye');
    await client.received(3);
    // The end follows the data into the toxic.
    server.socket.once('error', () => {});
    expect((await bench.api('DELETE', `${path}/toxics/slow_close_downstream`)).status).toBe(204);
    expect(await client.ended).toBe('fin');
  });

  test('limit_data counts from its addition and over updates', async () => {
    const { pair, path, toxic } = await bench.proxy();
    const { client, server } = await pair();
    server.write('before');
    await client.received(6);
    await toxic({ type: 'limit_data', attributes: { bytes: 100 } });
    server.write('12345');
    await client.received(11);
    const body = { attributes: { bytes: 10 } };
    expect((await bench.api('POST', `${path}/toxics/limit_data_downstream`, { body })).status).toBe(200);
    server.write('67890abc');
    expect(await client.ended).toBe('fin');
    expect(client.text).toBe('before1234567890');
  });

  test('bytes stay whole and in order while toxics come and go', async () => {
    const { pair, path, toxic } = await bench.proxy();
    const { client, server } = await pair();
    const sent = Buffer.from(Array.from({ length: 4_000_000 }, (_, at) => (at * 7) % 253));
    server.write(sent);
    const slicer = { average_size: 5000, size_variation: 1000, delay: 10 };
    for (let round = 0; round < 3; round++) {
      await toxic({ type: 'latency', attributes: { latency: 20, jitter: 10 } });
      await toxic({ type: 'slicer', attributes: slicer });
      await toxic({ type: 'bandwidth', attributes: { rate: 100_000 } });
      await bench.api('DELETE', `${path}/toxics/slicer_downstream`);
      await bench.api('POST', `${path}/toxics/latency_downstream`, { body: { attributes: { latency: 1 } } });
      await bench.api('DELETE', `${path}/toxics/latency_downstream`);
      await bench.api('DELETE', `${path}/toxics/bandwidth_downstream`);
    }
    await client.received(sent.length);
    expect(Buffer.concat(client.pieces.map(({ data }) => data)).equals(sent)).toBe(true);
  });
});
