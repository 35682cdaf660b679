import type { Seen } from '../scenario/expectations.ts';
import { TransportRefused } from './transports/pipe.ts';

/** How an error of its socket, or of setting up its transport, looks to an actor. */
export function seenFrom(cause: unknown): Seen {
  if (cause instanceof TransportRefused) return cause.seen;
  const error = cause as NodeJS.ErrnoException;
  switch (error.code) {
    case 'ECONNRESET':
      // Node's own word for a FIN in the middle of a handshake: no system call has failed
      return error.errno === undefined ? 'end' : 'reset';
    case 'EPIPE':
      // EPIPE is how a write learns of the RST that came before it
      return 'reset';
    case 'ECONNREFUSED':
      return 'refused';
    case 'ETIMEDOUT':
      return 'timeout';
    default:
      return error.code ?? error.message;
  }
}
