import { isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect, createSecureContext } from 'node:tls';
import type { Address } from '../../../shared/address.ts';
import type { UpstreamProtocol, UpstreamTls } from '../../settings.ts';

/** Opens a connection to an upstream; `event` says when it may be used. */
export type Dial = {
  open(address: Address, timeout: number): Socket;
  event: 'connect' | 'secureConnect';
};

/** Dials upstreams over TLS. A certificate that is not good for the name ends the connection before it may be used. */
export function dialTls({ ca, serverName, certificate, key }: UpstreamTls, protocol: UpstreamProtocol): Dial {
  const secureContext = createSecureContext({
    ...(ca === undefined ? {} : { ca }),
    ...(certificate === undefined ? {} : { cert: certificate, key }),
  });
  const open = (address: Address, timeout: number): Socket => {
    // an address is no name for SNI (RFC 6066, 3)
    const servername = serverName ?? (isIP(address.host) === 0 ? address.host : '');
    const socket = connect({ ...address, secureContext, servername, timeout, ALPNProtocols: [protocol] });
    // an upstream without ALPN may speak HTTP/1.1 only
    socket.once('secureConnect', () => {
      if (protocol === 'h2' && socket.alpnProtocol !== 'h2')
        socket.destroy(new Error('the upstream speaks no HTTP/2 (ALPN)'));
    });
    return socket.setNoDelay(true);
  };
  return { open, event: 'secureConnect' };
}
