import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import { describe, expect, onTestFinished, test } from 'vitest';

import { reportResetAfterData, reportResetAfterNotedData } from './reset-after-data.ts';

/** Connects a client and its server's socket, which can be half-open. */
async function pair(): Promise<{
  client: Socket;
  accepted: Socket;
  events: string[];
  closed: Promise<void>;
}> {
  const server: Server = createServer({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const [[accepted]] = (await Promise.all([once(server, 'connection'), once(client, 'connect')])) as [
    [Socket],
    unknown,
  ];
  onTestFinished(() => {
    client.destroy();
    accepted.destroy();
    server.close();
  });
  const events: string[] = [];
  accepted.on('end', () => events.push('end'));
  accepted.on('error', ({ code }: NodeJS.ErrnoException) => events.push(String(code)));
  // unlike once(), not rejected by an error
  const closed = new Promise<void>((resolve) => accepted.on('close', () => resolve()));
  return { client, accepted, events, closed };
}

describe.each([reportResetAfterData, reportResetAfterNotedData])('$name', (report) => {
  test.each([1, 1000, 65_536, 70_000])('a reset that comes with %i bytes is an error', async (size) => {
    const { client, accepted, events, closed } = await pair();
    report(accepted).resume();
    client.write(Buffer.alloc(size));
    client.resetAndDestroy();
    await closed;
    expect(accepted.bytesRead).toBe(size);
    expect(events).toEqual(['ECONNRESET']);
  });

  test('a FIN is an end, and leaves the other direction open', async () => {
    const { client, accepted, events, closed } = await pair();
    report(accepted).resume();
    client.end('bye');
    await once(accepted, 'end');
    client.resume();
    accepted.end('and more');
    await once(client, 'end');
    expect(client.bytesRead).toBe(8);
    await closed;
    expect(events).toEqual(['end']);
  });

  test('a reset is an error to a socket that has ended its own side', async () => {
    const { client, accepted, events, closed } = await pair();
    report(accepted).resume();
    accepted.end('bye');
    await once(client.resume(), 'end');
    client.write('last words');
    client.resetAndDestroy();
    await closed;
    expect(events).toEqual(['ECONNRESET']);
  });

  test('a FIN is an end, though the peer has closed both directions and resets what still comes', async () => {
    const { client, accepted, events } = await pair();
    report(accepted);
    client.end('bye');
    await once(client, 'finish');
    client.destroy();
    await once(client, 'close');
    // answered with an RST, which arrives before the loop polls the socket
    accepted.write('too late');
    accepted.resume();
    await once(accepted, 'end');
    expect(events).toEqual(['end']);
  });

  test('an end is passed on at once while bytes wait for the peer to read', async () => {
    const { client, accepted, events } = await pair();
    client.pause();
    report(accepted).resume();
    while (accepted.writableLength < 1_000_000) accepted.write(Buffer.alloc(1_000_000));
    client.end();
    await once(accepted, 'end');
    expect(accepted.writableLength).toBeGreaterThan(0);
    expect(events).toEqual(['end']);
  });

  test('a reset while bytes wait to be written is an error', async () => {
    const { client, accepted, events, closed } = await pair();
    client.pause();
    report(accepted).resume();
    while (accepted.writableLength < 1_000_000) accepted.write(Buffer.alloc(1_000_000));
    client.write('last words');
    client.resetAndDestroy();
    await closed;
    expect(events.filter((event) => event !== 'end')).toHaveLength(1);
  });

  test('a paused socket still ends', async () => {
    const { client, accepted, events } = await pair();
    accepted.once('data', () => accepted.pause());
    report(accepted).resume();
    client.end('x');
    await once(accepted, 'end');
    expect(events).toEqual(['end']);
  });
});
