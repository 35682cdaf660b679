import { once } from 'node:events';
import { createServer } from 'node:http2';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { joinLine } from './open-h2.ts';

test('SETTINGS are sent each time that a script repeats them, and once for all scripts that share a connection', async () => {
  const server = createServer();
  onTestFinished(() => void server.close());
  const seen: (number | undefined)[] = [];
  server.on('session', (session) =>
    session.on('remoteSettings', ({ initialWindowSize }) => void seen.push(initialWindowSize)),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const line = await joinLine(socket, { secured: async () => socket, scripts: 2, freezes: false });
  await once(line.session, 'connect');
  const [one, other] = [{}, {}];
  for (let at = 0; at < 100; at += 1) {
    line.changeSettings({ initialWindowSize: 100 }, one);
    line.changeSettings({ initialWindowSize: 100 }, other);
  }
  // answered behind all of them
  await new Promise<void>((resolve) => line.whenSettled(resolve));
  expect(seen.filter((size) => size === 100)).toHaveLength(100);
  line.leave();
  line.leave();
  await once(socket, 'close');
});
