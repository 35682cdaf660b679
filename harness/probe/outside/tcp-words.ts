import { formatAddress } from '../../../shared/address.ts';
import type { Endpoint, TcpRow, TcpState } from './tcp-table.ts';

/** Role of a socket among the target's connections, which tells who is at its other end. */
export type TcpSide = 'incoming' | 'outgoing' | 'listening' | 'other';

const PEERS: Record<TcpSide, string> = {
  incoming: 'the client',
  outgoing: 'the upstream',
  listening: 'nobody',
  other: 'the peer',
};

/** Role of a socket. Incoming: accepted on the target's port. Outgoing: connected to the upstream's address. */
export function sideOf(row: TcpRow, at: { listen: Endpoint; upstream: Endpoint }): TcpSide {
  if (row.state === 'LISTEN') return 'listening';
  if (row.local.port === at.listen.port) return 'incoming';
  return row.remote.port === at.upstream.port ? 'outgoing' : 'other';
}

/** Meaning of a state for a connection that should be over, at the target's end. Source: RFC 9293, 3.3.2. */
export function stateInWords(state: TcpState | 'UNHASHED', side: TcpSide): string {
  const peer = PEERS[side];
  switch (state) {
    case 'ESTABLISHED':
      return `neither the target nor ${peer} has ended it`;
    case 'SYN_SENT':
      return `still connecting: ${peer} has not answered`;
    case 'SYN_RECV':
    case 'NEW_SYN_RECV':
      return `${peer} has not finished connecting`;
    case 'FIN_WAIT1':
      return `the target has ended its side, ${peer} has not even acknowledged that`;
    case 'FIN_WAIT2':
      return `half-open: the target has ended its side, ${peer} has not`;
    case 'CLOSE_WAIT':
      return `${peer} has ended its side, the target has not`;
    case 'LAST_ACK':
    case 'CLOSING':
      return `both have ended, ${peer} has not acknowledged it`;
    case 'LISTEN':
      return 'listening';
    default:
      return 'over for the kernel (reset, or both sides have ended), but the target has not closed its descriptor';
  }
}

/** Endpoints as text: `127.0.0.1:9000 ← 127.0.0.1:51234 (the client)`; the target's end comes first. */
export function endsInWords({ local, remote }: TcpRow, side: TcpSide): string {
  if (side === 'listening') return formatAddress(local);
  const arrow = side === 'incoming' ? '←' : '→';
  return `${formatAddress(local)} ${arrow} ${formatAddress(remote)} (${PEERS[side]})`;
}
