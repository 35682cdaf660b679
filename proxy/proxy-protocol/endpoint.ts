/** IP address and port, as a PROXY header carries them. */
export type Endpoint = { address: string; port: number };

/** Connection that a header describes; both endpoints are of one family. */
export type ProxiedConnection = { source: Endpoint; destination: Endpoint };

/** Result of reading a PROXY header at the beginning of a connection. */
export type HeaderRead =
  /** the bytes so far may be the beginning of a header */
  | { state: 'incomplete' }
  /** the bytes are no header, whatever follows */
  | { state: 'invalid'; why: string }
  /** `length`: bytes of the header; no `connection` if the other proxy speaks for itself (LOCAL) or for an unknown family */
  | { state: 'complete'; length: number; connection?: ProxiedConnection };

/** Signature of version 2: 12 bytes that no other protocol begins with. */
export const V2_SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');

/** Bytes of a version 2 header up to the length of the rest. */
export const V2_HEAD = 16;
