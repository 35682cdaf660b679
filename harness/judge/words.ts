import type { Position } from '../probe/protocol.ts';
import type { LeakResource } from '../resource.ts';

/** Names of resources in a sentence: singular, plural. */
const NAMES: Record<LeakResource, [one: string, many: string]> = {
  socket: ['open socket', 'open sockets'],
  stream: ['open HTTP/2 stream', 'open HTTP/2 streams'],
  'retained-socket': [
    'destroyed socket that is still reachable',
    'destroyed sockets that are still reachable',
  ],
  server: ['listening server', 'listening servers'],
  timer: ['timer', 'timers'],
  immediate: ['immediate', 'immediates'],
  listener: ['event listener', 'event listeners'],
  collection: ['entry in a long-lived collection', 'entries in a long-lived collection'],
  child: ['child process', 'child processes'],
  worker: ['worker thread', 'worker threads'],
  handle: ['handle', 'handles'],
  descriptor: ['file descriptor', 'file descriptors'],
  tcp: ['TCP connection', 'TCP connections'],
  process: ['child process', 'child processes'],
  zombie: ['child process that nobody waited for', 'child processes that nobody waited for'],
  thread: ['thread', 'threads'],
  memory: ['KiB of memory', 'KiB of memory'],
  record: ['record', 'records'],
  'active-resource': ['active resource', 'active resources'],
};

/** Count with its noun: `1 timer`, `20 timers`. */
export function countOf(resource: LeakResource, count: number): string {
  return plural(count, ...NAMES[resource]);
}

/** Number with its noun: `1 connection`, `20 connections`. */
export function plural(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Position as text: `src/tunnel.ts:41:9 (openTunnel)`. */
export function at(position: Position): string {
  const place = `${position.file}:${position.line}:${position.column}`;
  return position.name === undefined || position.name === '' ? place : `${place} (${position.name})`;
}

/** Text on one line, at most `limit` characters. */
export function oneLine(text: string, limit = 200): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length <= limit ? line : `${line.slice(0, limit - 1)}…`;
}

/** Last lines of a long output. */
export function tail(text: string, lines = 20): string {
  return text.trimEnd().split('\n').slice(-lines).join('\n');
}
