import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { reportResetAfterData } from '../../../shared/reset-after-data.ts';
import { isWildcard, joinHostPort, resolveListen } from './address.ts';
import { ApiError } from '../api-error.ts';

/** As Go: as many as the kernel allows. */
const BACKLOG = 4096;

const BIND_ERRORS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'address already in use',
  EADDRNOTAVAIL: 'cannot assign requested address',
  EACCES: 'permission denied',
};

export type Listener = {
  readonly server: Server;
  /** The real, numeric address. */
  readonly address: string;
};

/** Listens as Go's `net.Listen("tcp", address)`; fails with its error texts. Sockets come paused and half-open. */
export async function listen(address: string, onSocket: (socket: Socket) => void): Promise<Listener> {
  const resolved = await resolveListen(address).catch((error: unknown) => {
    if (!(error instanceof ApiError)) throw error;
    throw new ApiError(`listen tcp: ${error.message}`, error.status, { cause: error });
  });
  const server = createServer(
    {
      allowHalfOpen: true,
      pauseOnConnect: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: 15_000,
    },
    (socket) => onSocket(reportResetAfterData(socket)),
  );
  const hosts = isWildcard(resolved.host) ? ['::', '0.0.0.0'] : [resolved.host];
  for (const host of hosts) {
    try {
      await bind(server, host, resolved.port);
      break;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? '';
      // A machine without IPv6.
      if (host === '::' && (code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL')) continue;
      const where = joinHostPort(resolved.host, resolved.port);
      throw new ApiError(`listen tcp ${where}: bind: ${BIND_ERRORS[code] ?? code}`, 500, { cause: error });
    }
  }
  // An accept that fails, as for want of file descriptors, costs that client only.
  server.on('error', () => {});
  const bound = server.address() as AddressInfo;
  return { server, address: joinHostPort(bound.address, bound.port) };
}

async function bind(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: BACKLOG }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Stops listening; connections that were accepted are not touched. */
export async function stopListening(server: Server): Promise<void> {
  await new Promise<void>((resolve) => server.close(() => resolve()));
}
