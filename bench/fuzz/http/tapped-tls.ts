import { connect as connectTcp } from 'node:net';
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { PiecewiseSocket } from '../../../harness/actors/transports/tls/piecewise-socket.ts';
import { fairTimer } from '../fair-timer.ts';
import { SERVER_NAME } from './message-grammar.ts';
import { RecordTap } from './record-tap.ts';

/** Time in which a connection ends, without that in which nobody got a processor (ms). */
export const PATIENCE = 20_000;

/** TLS connection to the proxy, all of whose bytes are read. */
export type TappedTls = {
  socket: TLSSocket;
  /** waits for the end, and closes what is left: bytes received, whether the end was meant (close_notify), whether it did not come in time */
  ended: () => Promise<{ got: string; isNotified: boolean; late: boolean }>;
};

/** Opens it in TLS 1.2, where the types of records tell whether the end was meant. @param pid process that may be starved */
export function openTappedTls(
  { port, pid }: { port: number; pid: number },
  { allowHalfOpen = false }: { allowHalfOpen?: boolean } = {},
): TappedTls {
  const below = connectTcp({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen });
  const tap = new RecordTap(below);
  const socket = connect({
    // a stream in between leaves the socket's bytes to be seen
    socket: new PiecewiseSocket(below, {}),
    servername: SERVER_NAME,
    rejectUnauthorized: false,
    maxVersion: 'TLSv1.2',
  });
  let got = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    got += chunk;
  });
  socket.on('error', () => {});
  below.on('error', () => {});
  const late = new Promise<boolean>((resolve) => {
    const takeBack = fairTimer(PATIENCE, [pid], () => resolve(true));
    socket.once('close', () => {
      takeBack();
      resolve(false);
    });
  });
  const ended: TappedTls['ended'] = async () => {
    const isLate = await late;
    socket.destroy();
    below.destroy();
    return { got, isNotified: tap.isNotified, late: isLate };
  };
  return { socket, ended };
}
