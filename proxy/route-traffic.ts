import type { ConnectionRecord } from './connection-record.ts';
import { bytesWritten } from './transferred-bytes.ts';

/** Bytes read from and written to the clients of a route. */
export type Traffic = { bytesIn: number; bytesOut: number };

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
  if (route === undefined) return;
  const { bytesIn, bytesOut } = totals.get(route) ?? { bytesIn: 0, bytesOut: 0 };
  totals.set(route, {
    bytesIn: bytesIn + incoming.socket.bytesRead,
    bytesOut: bytesOut + bytesWritten(incoming),
  });
}
