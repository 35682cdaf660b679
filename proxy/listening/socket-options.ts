import type { Limits } from '../limits/limits.ts';

/** Options of both sockets of a connection. */
export function socketOptions({ keepAlive, keepAliveDelay }: Pick<Limits, 'keepAlive' | 'keepAliveDelay'>) {
  return {
    allowHalfOpen: true,
    noDelay: true,
    keepAlive: keepAlive !== 'off',
    keepAliveInitialDelay: keepAliveDelay,
  };
}
