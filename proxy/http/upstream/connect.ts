import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { Address } from '../../../shared/address.ts';
import type { Dial } from './upstream-tls.ts';

const PLAIN: Dial = {
  open: (address, timeout) => connect({ ...address, noDelay: true, timeout }),
  event: 'connect',
};

/**
 * Connects to an upstream.
 *
 * @param timeout ms, for the connect and, over TLS, each wait of the handshake; 0: none
 * @param dial how the connection is opened; by default in the clear
 * @param onSocket called with the socket when it is created
 * @throws the socket's error, or the signal's reason
 */
export async function connectTo(
  address: Address,
  { timeout, signal, dial = PLAIN }: { timeout: number; signal: AbortSignal; dial?: Dial | undefined },
  onSocket: (socket: Socket) => void,
): Promise<Socket> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const socket = dial.open(address, timeout);
    onSocket(socket);
    const onAbort = (): void => void socket.destroy(new Error('the client has left'));
    const onTimeout = (): void =>
      void socket.destroy(Object.assign(new Error('connect timeout'), { code: 'ETIMEDOUT' }));
    const settle = (): void => {
      signal.removeEventListener('abort', onAbort);
      socket.off('timeout', onTimeout);
      socket.off('error', onError);
      socket.setTimeout(0);
    };
    const onError = (error: Error): void => {
      settle();
      reject(error);
    };
    signal.addEventListener('abort', onAbort);
    socket.on('timeout', onTimeout);
    socket.on('error', onError);
    socket.once(dial.event, () => {
      settle();
      resolve(socket);
    });
  });
}
