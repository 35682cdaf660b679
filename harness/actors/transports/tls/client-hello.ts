import { Duplex } from 'node:stream';
import { connect } from 'node:tls';

/**
 * Makes a real ClientHello, as Node's TLS does, without sending it.
 *
 * @param least least length, padded with unknown protocol names; 0: unpadded
 */
export function clientHello(servername: string | false, least = 0): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const sink = new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _encoding, done) => {
        resolve(chunk);
        done();
        // the handshake begins within the call that creates it
        setImmediate(() => secured.destroy());
      },
    });
    const secured = connect({
      socket: sink,
      servername: servername === false ? '' : servername,
      ...(least === 0 ? {} : { ALPNProtocols: fillers(least) }),
    });
    secured.on('error', reject);
  });
}

/** Longest name of a protocol (RFC 7301: its length is one byte). */
const LONGEST = 255;

function fillers(least: number): string[] {
  const count = Math.ceil(least / (LONGEST + 1));
  return Array.from({ length: count }, (_, index) => String(index).padEnd(LONGEST, 'x'));
}
