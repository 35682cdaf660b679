import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

import { afterEach, expect, test } from 'vitest';

import { describeSocket } from './live-sockets.ts';
import { UNREAD_ANSWER, waitsForReader } from './unread-answer.ts';

const agent = new http.Agent({ keepAlive: true });
const server = http.createServer((_, response) => response.end('a whole answer'));

afterEach(async () => {
  agent.destroy();
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
});

test('a socket that Node 26 keeps for an unread answer is told apart, with what the program can do', async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const request = http.get({ agent, host: '127.0.0.1', port: (server.address() as AddressInfo).port });
  const [answer] = (await once(request, 'response')) as [http.IncomingMessage];
  const socket = request.socket as Socket;
  while (!answer.complete) await once(socket, 'data');
  expect(waitsForReader(socket)).toBe(false);
  // as Node 26 leaves it: destroyed, with the answer paused again
  request.destroyed = true;
  expect(waitsForReader(socket)).toBe(true);
  expect(describeSocket(socket)).toContain(UNREAD_ANSWER);
  answer.resume();
  await once(answer, 'end');
  expect(waitsForReader(socket)).toBe(false);
});
