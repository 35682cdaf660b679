/**
 * Connection of the probe to the harness: connects, says hello, answers requests one after the other.
 */
import net from 'node:net';
import path from 'node:path';
import { threadId } from 'node:worker_threads';
import { answer } from './handle-request.ts';
import { keepMethods, methodsOf } from './base/built-ins.ts';
import { leaveOutDescriptor } from './base/descriptors.ts';
import { keepOrigins } from './hooks/origins.ts';
import { followSockets } from './lives/follow-sockets.ts';
import { followPromisedTimers } from './hooks/promised-timers.ts';
import { keepOut } from './base/own.ts';
import type { Hello, Reply, Request } from '../protocol.ts';
import { followNullPrototypeObjects } from './hooks/null-prototype-objects.ts';
import { followActivity } from './hooks/activity.ts';
import { followWarnings } from './hooks/warnings.ts';

/** Connects and resolves once the harness has been greeted. Without a harness the process ends. */
export async function connect(socketPath: string, { lives }: { lives: boolean }): Promise<void> {
  const started = performance.now();
  const channel = keepOut(keepMethods(net.connect(socketPath), methodsOf(net.Socket.prototype)));
  const connected = await new Promise<boolean>((resolve) => {
    channel.once('connect', () => resolve(true));
    channel.on('error', () => resolve(false));
  });
  // the harness is gone, whatever killed it: no target outlives its case
  const end = (): void => void process.kill(process.pid, 'SIGKILL');
  if (!connected) return end();
  channel.once('close', end);
  channel.unref();
  channel.setEncoding('utf8');
  leaveOutDescriptor(() => (channel as unknown as { _handle?: { fd?: number } | null })._handle?.fd);
  followActivity();
  followNullPrototypeObjects();
  keepOrigins();
  if (lives) followSockets();
  followPromisedTimers();
  followWarnings();

  const send = (message: Hello | Reply): void => {
    if (channel.writable) channel.write(`${JSON.stringify(message)}\n`);
  };
  let rest = '';
  let previous: Promise<void> = Promise.resolve();
  channel.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      previous = previous.then(async () => send(await reply(line)));
    }
  });
  const startedIn = Math.round(performance.now() - started);
  send({
    hello: 1,
    pid: process.pid,
    node: process.version,
    startedIn,
    thread: threadId,
    script: path.basename(process.argv[1] ?? ''),
  });
}

/** Answers one line. Nothing that arrives over the socket may bring the target down. */
async function reply(line: string): Promise<Reply> {
  try {
    return await answer(JSON.parse(line) as Request);
  } catch (error) {
    return { id: 0, error: `not a request: ${String(error)}` };
  }
}
