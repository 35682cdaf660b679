import type { AddressInfo, Server } from 'node:net';
import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import { BACKLOG } from './accept-backlog.ts';
import { formatAddress } from '../../shared/address.ts';
import type { Address } from '../../shared/address.ts';
import { codeOf } from '../connection/classify-error.ts';
import type { ProxyLogger } from '../observe/logger.ts';

/**
 * Starts listening; from then on the server's errors (such as no descriptor left for an accept) are logged.
 *
 * @throws LastfinError `LASTFIN_PORT_IN_USE`, or `LASTFIN_USAGE` for an address that cannot be listened on
 */
export function listen(server: Server, address: Address, logger: ProxyLogger): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => reject(listenError(address, error));
    server.once('error', fail);
    server.listen({ ...address, backlog: BACKLOG }, () => {
      server.off('error', fail);
      server.on('error', (error) =>
        logger.error({ event: 'listener_error', code: codeOf(error), err: error }, 'the listener failed'),
      );
      const bound = server.address();
      if (bound === null || typeof bound === 'string') reject(new Error('the listener has no TCP address'));
      else resolve(bound);
    });
  });
}

function listenError(address: Address, cause: Error): LastfinError {
  const code = codeOf(cause);
  const facts = { ...address, code };
  const where = `cannot listen on ${formatAddress(address)}`;
  if (code === 'EADDRINUSE') {
    return new LastfinError('LASTFIN_PORT_IN_USE', `${where}: the port is already in use`, { facts, cause });
  }
  return new LastfinError('LASTFIN_USAGE', `${where}: ${cause.message}`, {
    facts,
    cause,
  });
}
