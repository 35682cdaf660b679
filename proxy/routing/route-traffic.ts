import type { ConnectionRecord } from '../connection/connection-record.ts';
import { bytesWritten } from '../connection/transferred-bytes.ts';

/** Connections that a route has taken, and the bytes read from and written to its clients. */
export type Traffic = { connections: number; bytesIn: number; bytesOut: number };

const NOTHING: Traffic = { connections: 0, bytesIn: 0, bytesOut: 0 };

/** Counts the bytes of each route, those of open connections included. The totals only grow. */
export class RouteTraffic {
  readonly #ended = new Map<string, Traffic>();

  /** Once for each connection, when its record has gone. */
  add(record: ConnectionRecord): void {
    addTo(this.#ended, record);
  }

  /** @param open the connections that have not ended */
  totals(open: Iterable<ConnectionRecord>): Map<string, Traffic> {
    const totals = new Map([...this.#ended].map(([route, traffic]) => [route, { ...traffic }]));
    for (const record of open) addTo(totals, record);
    return totals;
  }
}

function addTo(totals: Map<string, Traffic>, { route, incoming }: ConnectionRecord): void {
  // the kernel forwards the route, and counts what it forwards
  if (route === undefined || incoming.reason === 'nftables_handled') return;
  const { connections, bytesIn, bytesOut } = totals.get(route) ?? NOTHING;
  totals.set(route, {
    connections: connections + 1,
    bytesIn: bytesIn + incoming.socket.bytesRead,
    bytesOut: bytesOut + bytesWritten(incoming),
  });
}
