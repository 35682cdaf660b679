/** An IP address and a port, as a PROXY header carries them. */
export type Endpoint = { address: string; port: number };

/** The connection that a header speaks of; both endpoints are of one family. */
export type ProxiedConnection = { source: Endpoint; destination: Endpoint };

/** What could be read of a PROXY header at the beginning of a connection. */
export type HeaderRead =
  /** what has come so far may be the beginning of one */
  | { state: 'incomplete' }
  /** whatever may still come, it is none */
  | { state: 'invalid'; why: string }
  /** `length`: bytes of the header; without a connection it was made by the proxy itself, or of an unknown family */
  | { state: 'complete'; length: number; connection?: ProxiedConnection };

/** 12 bytes that no other protocol begins with */
export const V2_SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');

/** The 16 bytes of v2 that say how long the rest is. */
export const V2_HEAD = 16;
