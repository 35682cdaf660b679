/**
 * Finds the inspector of a running process, and has it opened where it is not.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import { readProcess } from '../probe/outside/process-tree.ts';
import { type Endpoint, tcpByInode } from '../probe/outside/tcp-table.ts';
import { pageOf } from './inspector-page.ts';

/** Time in which a process opens its inspector after the signal, ms. */
const OPENS_WITHIN = 10_000;
const SIGUSR1 = 10;
const USUAL_PORT = 9229;

/** Address of an inspector, and whether this has opened it. */
export type FoundInspector = { url: URL; opened: boolean };

/**
 * The inspector of a process: the one that is open, else SIGUSR1 opens it, which Node.js listens for.
 *
 * @throws LastfinError `LASTFIN_NO_PROCESS`, `LASTFIN_NOT_NODE`, `LASTFIN_NO_PERMISSION`, `LASTFIN_INSPECTOR`
 */
export async function findInspector(pid: number): Promise<FoundInspector> {
  mustBeNode(pid);
  const before = listening(pid);
  const { host, port } = inspectorAddress(pid);
  // other ports are the program's own: nobody connects to them for this
  const open = await firstInspector(before.filter((one) => one.port === port));
  if (open !== undefined) return { url: open, opened: false };
  if (!isLoopback(host)) {
    throw inspector(`process ${pid} would open its inspector on ${host}, where others can reach it`);
  }
  const holder = port === 0 ? undefined : holderOf(pid, port);
  if (holder !== undefined) {
    throw inspector(`port ${port}, on which process ${pid} would open its inspector, is taken ${holder}`);
  }
  signal(pid);
  const known = new Set(before.map(textOf));
  const end = performance.now() + OPENS_WITHIN;
  while (performance.now() < end) {
    const url = await firstInspector(listening(pid).filter((one) => !known.has(textOf(one))));
    if (url !== undefined) return { url, opened: true };
    if (readProcess(pid) === undefined) throw noProcess(pid);
    await delay(20);
  }
  throw inspector(
    `process ${pid} has not opened an inspector within ${OPENS_WITHIN / 1000} s of SIGUSR1: it may listen for that signal itself, or have one open elsewhere (then say --inspect)`,
  );
}

async function firstInspector(endpoints: readonly Endpoint[]): Promise<URL | undefined> {
  for (const one of endpoints) {
    if (!isLoopback(one.host)) continue;
    const url = await pageOf(one).catch(() => undefined);
    if (url !== undefined) return url;
  }
  return undefined;
}

/** @throws LastfinError before a signal could end a program that does not listen for it */
function mustBeNode(pid: number): void {
  const process = readProcess(pid);
  if (process === undefined || process.state === 'Z') throw noProcess(pid);
  const program = programOf(pid);
  // 32 or 64 signals as bits, lowest first
  const caught = BigInt(`0x${/^SigCgt:\s+([0-9a-f]+)/m.exec(fileOf(pid, 'status'))?.[1] ?? '0'}`);
  if (!/^node(?:js)?\d*(?: \(deleted\))?$/.test(program)) {
    throw new LastfinError('LASTFIN_NOT_NODE', `process ${pid} runs \`${program}\`, not Node.js`);
  }
  if ((caught & (1n << BigInt(SIGUSR1 - 1))) === 0n) {
    throw inspector(
      `process ${pid} does not listen for SIGUSR1, which would end it: it was started with --disable-sigusr1, or has not come up yet`,
    );
  }
}

/** Name of the program's file. */
function programOf(pid: number): string {
  try {
    return path.basename(readlinkSync(`/proc/${pid}/exe`));
  } catch (cause) {
    throw denied(pid, cause);
  }
}

function fileOf(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1');
  } catch (cause) {
    throw denied(pid, cause);
  }
}

function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGUSR1');
  } catch (cause) {
    throw denied(pid, cause);
  }
}

/** Addresses on which a process listens. */
function listening(pid: number): Endpoint[] {
  const table = tcpByInode(pid);
  let descriptors: string[];
  try {
    descriptors = readdirSync(`/proc/${pid}/fd`);
  } catch (cause) {
    throw denied(pid, cause);
  }
  return descriptors.flatMap((name) => {
    const row = table.get(inodeOf(pid, name));
    return row?.state === 'LISTEN' ? [row.local] : [];
  });
}

function inodeOf(pid: number, descriptor: string): number {
  try {
    return Number(/^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${descriptor}`))?.[1]);
  } catch {
    return NaN; // closed meanwhile
  }
}

/** Address on which a process opens its inspector, as its command line and NODE_OPTIONS say. */
function inspectorAddress(pid: number): Endpoint {
  const environment = fileOf(pid, 'environ').split('\0');
  const options = environment.find((one) => one.startsWith('NODE_OPTIONS='))?.slice('NODE_OPTIONS='.length);
  const words = [...(options ?? '').split(/\s+/), ...fileOf(pid, 'cmdline').split('\0')];
  const given = words.flatMap((word, index) => {
    const [, inline] = /^--(?:inspect-port|debug-port|inspect|inspect-brk)=(.+)$/.exec(word) ?? [];
    if (inline !== undefined) return [inline];
    return /^--(?:inspect-port|debug-port)$/.test(word) ? [words[index + 1] ?? ''] : [];
  });
  const [, host, port] = /^(?:(.*):)?(\d+)$/.exec(given.at(-1) ?? '') ?? [];
  const only = port === undefined ? given.at(-1) : host;
  return { host: only === undefined || only === '' ? '127.0.0.1' : only, port: Number(port ?? USUAL_PORT) };
}

/** Names the holder of a port in the network of a process, in words; undefined if there is none. */
function holderOf(pid: number, port: number): string | undefined {
  const rows = [...tcpByInode(pid).values()];
  const row = rows.find(({ state, local }) => state === 'LISTEN' && local.port === port);
  if (row === undefined) return undefined;
  const holder = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .find((name) => {
      try {
        return readdirSync(`/proc/${name}/fd`).some((one) => inodeOf(Number(name), one) === row.inode);
      } catch {
        return false;
      }
    });
  return holder === undefined
    ? 'by another process'
    : `by process ${holder} (${readProcess(Number(holder))?.name})`;
}

/** Whether an address is of this machine alone; names are not looked up. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

function textOf({ host, port }: Endpoint): string {
  return `${host}:${port}`;
}

function noProcess(pid: number): LastfinError {
  return new LastfinError('LASTFIN_NO_PROCESS', `there is no process ${pid}`);
}

function inspector(message: string): LastfinError {
  return new LastfinError('LASTFIN_INSPECTOR', message);
}

function denied(pid: number, cause: unknown): LastfinError {
  const { code } = cause as { code?: string };
  if (code === 'ENOENT' || code === 'ESRCH') return noProcess(pid);
  return new LastfinError('LASTFIN_NO_PERMISSION', `process ${pid} cannot be looked at: ${code}`, { cause });
}
