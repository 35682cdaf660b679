import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { LastfinError } from '../../errors/lastfin-error.ts';
import { commandLine, type TargetProcess } from './target-process.ts';

/** When a target counts as ready: it accepts on its port, or has printed a line that fits. */
export type Readiness = { timeout: number } & ({ port: true } | { log: RegExp });

/**
 * Waits until the target is ready. Rejects with `LASTFIN_TARGET_START` when it exits before or is too late, with its
 * output and the command to start it by hand.
 */
export async function untilReady(
  target: TargetProcess,
  readiness: Readiness,
  listen: { host: string; port: number },
  signal: AbortSignal,
): Promise<void> {
  const stop = new AbortController();
  const both = AbortSignal.any([stop.signal, signal]);
  const died = target.exited.then(({ code, signal: killedBy }) => {
    throw failure(target, `exited with ${killedBy ?? code} before it was ready`, { code, signal: killedBy });
  });
  const late = delay(readiness.timeout, undefined, { signal: both }).then(() => {
    const sign =
      'log' in readiness ? `a line that matches ${readiness.log}` : `${listen.host}:${listen.port} to accept`;
    throw failure(target, `was not ready within ${readiness.timeout} ms (waiting for ${sign})`, {});
  });
  const ready = 'log' in readiness ? lineSeen(target, readiness.log) : accepting(listen, both);
  try {
    await Promise.race([ready, died, late]);
  } finally {
    stop.abort();
    // the losers of the race end as unhandled rejections otherwise
    for (const loser of [ready, died, late]) loser.catch(() => undefined);
  }
}

function lineSeen(target: TargetProcess, pattern: RegExp): Promise<void> {
  return new Promise((resolve) => {
    const off = target.onLine((line) => {
      if (!pattern.test(line)) return;
      setImmediate(() => off());
      resolve();
    });
  });
}

async function accepting(listen: { host: string; port: number }, signal: AbortSignal): Promise<void> {
  for (let pause = 5; ; pause = Math.min(pause * 2, 100)) {
    if (await accepts(listen)) return;
    await delay(pause, undefined, { signal });
  }
}

function accepts(address: { host: string; port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(address);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}

function failure(target: TargetProcess, what: string, facts: Record<string, unknown>): LastfinError {
  const output = target.output === '' ? '(it printed nothing)' : target.output;
  return new LastfinError(
    'LASTFIN_TARGET_START',
    `the target ${what}\n  ${commandLine(target.launch)}\n${output.replaceAll(/^/gm, '  | ')}`,
    { facts: { ...target.launch, ...facts, output } },
  );
}
