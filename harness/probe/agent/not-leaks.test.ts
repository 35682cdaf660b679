import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import net from 'node:net';
import { MessageChannel, Worker } from 'node:worker_threads';
import { afterEach, expect, test } from 'vitest';
import {
  isArrayOfNode,
  isClockOfNode,
  isReserve,
  isStandardStream,
  isStdio,
  isTimeoutOfChild,
  isTimerOfOwner,
  listenerArrays,
  pipesOfChild,
  portsOfThreads,
} from './not-leaks.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const one of cleanUp.splice(0)) await one();
});

test('a socket on descriptor 1 is stdio, a connection is not', async () => {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const client = net.connect(port, '127.0.0.1');
  cleanUp.push(
    () => client.destroy(),
    () => server.close(),
  );
  await once(client, 'connect');
  expect(isStdio(client)).toBe(false);
  expect(isStandardStream(client)).toBe(false);
  // as Node marks the sockets of process.stdout
  expect(isStdio(Object.assign(new net.Socket(), { _isStdio: true }))).toBe(true);
});

test('pipes of a child go with it; those of no other emitter', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1e6)']);
  cleanUp.push(async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  expect(pipesOfChild(child)).toEqual([child.stdin, child.stdout, child.stderr]);
  expect(pipesOfChild(new EventEmitter())).toEqual([]);
});

test('ports by which Node talks to a thread, not those of the program', async () => {
  const thread = new Worker('setInterval(() => 0, 1e6)', { eval: true });
  const { port1, port2 } = new MessageChannel();
  cleanUp.push(
    () => thread.terminate(),
    () => port1.close(),
    () => port2.close(),
  );
  await once(thread, 'online');
  const ports = portsOfThreads([thread, new EventEmitter()]);
  expect(ports.size).toBeGreaterThan(0);
  expect(ports.has(port1)).toBe(false);
});

test('timers of Node: by the name, the owner and the number of their callbacks', () => {
  expect(isTimeoutOfChild('delayedKill')).toBe(true);
  expect(isTimeoutOfChild('kill')).toBe(false);
  expect(isTimeoutOfChild(undefined)).toBe(false);
  expect(isTimerOfOwner(new net.Socket())).toBe(true);
  expect(isTimerOfOwner({})).toBe(false);
  expect(isTimerOfOwner(undefined, [new net.Socket()])).toBe(true);
  expect(isTimerOfOwner(undefined, ['text', new net.Socket()])).toBe(false);
  expect(isClockOfNode('node:internal/http', 1)).toBe(true);
  expect(isClockOfNode('node:internal/http', 2)).toBe(false);
  // a timer that settles a promise has no callback with a file
  expect(isClockOfNode(undefined, 1)).toBe(false);
});

test('the reserve of libuv, not a file of the program', () => {
  expect(['/', '/dev/null'].every(isReserve)).toBe(true);
  expect(['/dev/random', '/tmp/data', 'socket:[1]'].some(isReserve)).toBe(false);
});

test('arrays of emitters and of Node, not of the program', () => {
  const emitter = new EventEmitter()
    .on('a', () => 1)
    .on('b', () => 1)
    .on('b', () => 2);
  expect(listenerArrays([emitter]).size).toBe(1);
  expect(isArrayOfNode(Reflect.get(process, 'moduleLoadList') as unknown[])).toBe(true);
  expect(isArrayOfNode([])).toBe(false);
  expect(isArrayOfNode([emitter])).toBe(false);
});
