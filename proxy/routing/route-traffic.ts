import type { ConnectionRecord } from '../connection/connection-record.ts';
import { bytesWritten } from '../connection/transferred-bytes.ts';

/** Connections of a route, and the bytes read from and written to its clients. */
export type Traffic = { connections: number; bytesIn: number; bytesOut: number };

/** Counts the bytes of each route, including open connections. The totals only grow. */
export class RouteTraffic {
  readonly #ended = new Map<string, Traffic>();

  /** Adds an ended connection; call once, when its record is removed. */
  add(record: ConnectionRecord): void {
    addTo(this.#ended, record);
  }

  /** @param open connections that have not ended */
  totals(open: Iterable<ConnectionRecord>): Map<string, Traffic> {
    const totals = new Map([...this.#ended].map(([route, traffic]) => [route, { ...traffic }]));
    for (const record of open) addTo(totals, record);
    return totals;
  }
}

function addTo(totals: Map<string, Traffic>, { route, incoming }: ConnectionRecord): void {
  // the kernel forwards the route and counts its traffic
  if (route === undefined || incoming.reason === 'nftables_handled') return;
  let traffic = totals.get(route);
  if (traffic === undefined) totals.set(route, (traffic = { connections: 0, bytesIn: 0, bytesOut: 0 }));
  traffic.connections += 1;
  traffic.bytesIn += incoming.socket.bytesRead;
  traffic.bytesOut += bytesWritten(incoming);
}
