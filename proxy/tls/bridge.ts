import type { TerminationReason } from '../connection/termination.ts';
import type { ClientTls, TlsEvents } from './client-tls.ts';

/** Connection that is handed to a terminator. */
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
  events: TlsEvents;
};

/** Connection that a terminator has taken. */
export type Bridged = {
  readonly tls: ClientTls;
  /** Ends whatever is under way; the client gets a FIN. */
  end(): void;
  /** Ends an HTTP/2 connection after its last stream (GOAWAY); false for any other one. */
  drain(): boolean;
};
