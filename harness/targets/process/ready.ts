import http from 'node:http';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { matches, type Pattern } from '../../../shared/yaml-file/pattern.ts';
import { starvedFor } from '../../../shared/starvation.ts';
import { isListening } from './accept-queue.ts';
import { type Asked, fillUrl } from '../file/fill-url.ts';
import { commandLine, type TargetProcess } from './target-process.ts';

/** Largest factor by which a wait may be extended on a busy machine: a wait must end. */
const MOST_STARVED = 3;

/** When a target counts as ready: it accepts on its port, has printed a line that fits, or answers with a status. */
export type Readiness = { timeout: number } & (
  | { port: true }
  | { log: Pattern }
  | { http: string; status: number }
);

/**
 * Waits until the target is ready. Rejects with `LASTFIN_TARGET_START` when it exits before or is too late, with its
 * output and the command to start it by hand.
 */
export async function untilReady(
  target: TargetProcess,
  readiness: Readiness,
  addresses: Asked,
  signal: AbortSignal,
): Promise<void> {
  const stop = new AbortController();
  const both = AbortSignal.any([stop.signal, signal]);
  const died = target.exited.then(({ code, signal: killedBy }) => {
    throw failure(target, `exited with ${killedBy ?? code} before it was ready`, { code, signal: killedBy });
  });
  const { sign, ready } = awaited(target, readiness, addresses, both);
  const late = passed(readiness.timeout, [process.pid, target.pid], both).then(() => {
    throw failure(target, `was not ready within ${readiness.timeout} ms (waiting for ${sign()})`, {});
  });
  try {
    await Promise.race([ready, died, late]);
  } finally {
    stop.abort();
    // the losers of the race end as unhandled rejections otherwise
    for (const loser of [ready, died, late]) loser.catch(() => undefined);
  }
}

/** Condition that is awaited, in words, and the wait. */
function awaited(
  target: TargetProcess,
  readiness: Readiness,
  addresses: Asked,
  signal: AbortSignal,
): { sign: () => string; ready: Promise<void> } {
  if ('log' in readiness) {
    const { log } = readiness;
    return { sign: () => `a line that matches /${log.source}/`, ready: lineSeen(target, log) };
  }
  if ('http' in readiness) {
    const { status } = readiness;
    const url = fillUrl(readiness.http, addresses);
    let last = '';
    const isReady = async (): Promise<boolean> => {
      last = await statusOf(url, signal);
      return last === String(status);
    };
    const sign = (): string => `${url} to answer with status ${status}; the last answer: ${last || 'none'}`;
    return { sign, ready: until(isReady, signal) };
  }
  const { listen } = addresses;
  const sign = (): string => `${listen.host}:${listen.port} to accept`;
  // a target may pass our own connection on to the upstream, and late: in the middle of a round
  const isReady = async (): Promise<boolean> => isListening(target.pid, listen.port) ?? accepts(listen);
  return { sign, ready: until(isReady, signal) };
}

function lineSeen(target: TargetProcess, pattern: Pattern): Promise<void> {
  return new Promise((resolve) => {
    const off = target.onLine((line) => {
      if (!matches(pattern, line)) return;
      setImmediate(() => off());
      resolve();
    });
  });
}

/** Waits for `ms`, and longer by what a busy machine keeps from those processes: many targets start at once. */
async function passed(ms: number, pids: readonly number[], signal: AbortSignal): Promise<void> {
  const start = performance.now();
  const starved = (): number => pids.reduce((sum, pid) => sum + starvedFor(pid), 0);
  const before = starved();
  for (;;) {
    const late = Math.min(Math.max(0, starved() - before), MOST_STARVED * ms);
    const remaining = start + ms + late - performance.now();
    if (remaining <= 0) return;
    await delay(Math.max(remaining, 1), undefined, { signal });
  }
}

async function until(isSo: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  for (let pause = 5; ; pause = Math.min(pause * 2, 40)) {
    if (await isSo()) return;
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

/** The status, or why there is none. The connection has ended when this resolves. */
function statusOf(url: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const request = http.get(url, { agent: false, signal }, (response) => {
      answer = String(response.statusCode);
      response.resume();
    });
    request.once('error', (error) => (answer ||= error.message));
    request.once('close', () => resolve(answer));
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
