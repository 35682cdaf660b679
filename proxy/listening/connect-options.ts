import type { OnReadOpts, TcpNetConnectOpts } from 'node:net';
import type { Address } from '../../shared/address.ts';
import type { socketOptions } from './socket-options.ts';

/**
 * Whether V8 makes a hidden class for each copy of an object, as that of Node 20 does where all that are copied at a place have a
 * prototype. Node copies the options of every socket, and each new class costs 20 µs: for accepted sockets, too.
 */
const NEEDS_REMINDER = Number(process.versions.v8.split('.')[0]) < 12;
/** Connects between two reminders, options without a prototype: V8 forgets what it has met when code has not run for a while. */
const PERIOD = 64;
let connects = 0;

/** Creates the options to connect to an upstream whose bytes go to `onread`. A literal, since spreads take four times as long. */
export function connectOptions(
  { host, port }: Address,
  { allowHalfOpen, noDelay, keepAlive, keepAliveInitialDelay }: ReturnType<typeof socketOptions>,
  onread: OnReadOpts,
): TcpNetConnectOpts {
  const options = { host, port, allowHalfOpen, noDelay, keepAlive, keepAliveInitialDelay, onread };
  if (!NEEDS_REMINDER) return options;
  connects = (connects + 1) % PERIOD;
  return connects === 0 ? Object.assign(Object.create(null) as object, options) : options;
}
