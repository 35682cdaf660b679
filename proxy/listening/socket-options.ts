import type { Limits } from '../settings.ts';

/** What both sockets of a connection are made with. */
export function socketOptions({ keepAlive, keepAliveDelay }: Pick<Limits, 'keepAlive' | 'keepAliveDelay'>) {
  return {
    allowHalfOpen: true,
    noDelay: true,
    ...(keepAlive !== 'off' && { keepAlive: true, keepAliveInitialDelay: keepAliveDelay }),
  };
}
