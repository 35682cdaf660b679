import type { TerminationReason } from '../connection/termination.ts';

/** Connection that is bridged to a terminator. */
export type Bridge = {
  client: string | undefined;
  /** whether this route serves the host for a client without a server name */
  isServed(host: string): boolean;
  /** called when the TLS handshake is done */
  onSecure(): void;
  /** called when a later handshake on the same connection asked for another name */
  onServerNameChanged(): void;
  /** called when the client has exceeded a limit, such as the time for a message; its connection then ends */
  onTooSlow(reason: TerminationReason): void;
};
