import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { SecureContext } from 'node:tls';
import { errorBehindEnd, lossBehind } from '../../shared/reset-after-data.ts';

/** Events of a client's TLS, from which the record has the states of both its sides. */
export type TlsEvents = {
  /** the client's FIN or close_notify has come; its bytes before it may still wait */
  onClientEnd(): void;
  /** the client is gone: a reset, or no answer of its kernel */
  onClientError(error: Error): void;
  /**
   * the inner proxy sends nothing more
   *
   * @param isDelivered whether the kernel has taken our last byte and our FIN
   */
  onInnerEnd(isDelivered: boolean): void;
  /** the inner proxy has ended the connection, which cannot wait for its client, or whose client goes on sending */
  onInnerGone(): void;
};

/** Certificate and protocols of a route. */
export type TlsSettings = { secureContext: SecureContext; protocols: string[]; asksForCertificate: boolean };

/** Bytes that are read ahead (decrypted) while nobody takes them: what a connection may hold. */
const READ_AHEAD = 65_536;

/**
 * TLS of a client on the client's own socket, with the ends of a plain one:
 *
 * - It reads on for a while when nobody takes the bytes: only who reads is told of a FIN or RST. The kernel can be asked, too ({@link lookForReset}).
 * - When the inner proxy destroys it, its client gets a FIN (without close_notify, so that an answer that was cut looks cut), and it closes
 *   after the client. A close that meets unread bytes is a reset, which overtakes the last answer. Its record bounds the time. `leaving`
 *   is emitted at once, and 'close' at the end.
 */
export class ClientTls extends TLSSocket {
  readonly #client: Socket;
  readonly #events: TlsEvents;
  #isSecure = false;
  #hasClientEnded = false;
  #isLeaving = false;
  #isUnwanted = false;
  #isGone = false;

  /** Tells whether a close may wait for the client's end: bytes that wait to be sent would follow our FIN. */
  mayWait = (): boolean => this.writableLength === 0 || this.writableFinished;

  constructor(
    client: Socket,
    { secureContext, protocols, asksForCertificate }: TlsSettings,
    events: TlsEvents,
  ) {
    super(client, {
      isServer: true,
      secureContext,
      ALPNProtocols: protocols,
      requestCert: asksForCertificate,
      rejectUnauthorized: asksForCertificate,
    });
    this.#client = client;
    this.#events = events;
    this.once('secure', () => {
      this.#isSecure = true;
      // HTTP/2 waits for it, as for that of a client
      Object.assign(this, { secureConnecting: false });
    });
    // a server's TLS tells errors behind the handshake by this event alone
    this.on('_tlsError', (error: Error) => {
      if (this.#isSecure) this.destroy(error);
    });
    this.once('finish', () => events.onInnerEnd(true));
    client.once('finish', () => this.#closeIfExchanged());
  }

  /** Whether the handshake is under way. */
  get isHandshaking(): boolean {
    return !this.#isSecure && !this.destroyed && !this.#isLeaving;
  }

  /** Whether the inner proxy has ended it, and the client has not. */
  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  /** Whether the client's certificate has been verified. If Node cannot tell, it has not. */
  get isVerified(): boolean {
    const { ssl } = this as { ssl?: { verifyError?: () => Error | null } };
    return ssl?.verifyError !== undefined && ssl.verifyError() === null;
  }

  override push(chunk: unknown, encoding?: BufferEncoding): boolean {
    if (chunk !== null) {
      if (!this.#isLeaving) return super.push(chunk, encoding) || this.readableLength < READ_AHEAD;
      this.#onUnwanted();
      return true;
    }
    const behind = errorBehindEnd(this.#client);
    // with close_notify the client has ended, too: nobody is told of the FIN behind it
    if (!isOfClient(behind)) {
      this.#onClientEnd();
      return super.push(null);
    }
    this.destroy(behind);
    return false;
  }

  /**
   * Asks the kernel whether the client has reset where Node may not tell: nobody reads behind what is held back and behind a close_notify,
   * and a write that fails may go on for ever. Behind our own FIN a write always fails.
   */
  lookForReset(): void {
    if (this.destroyed || this.#isLeaving || this.writableEnded) return;
    const maybe = this.readableLength > 0 || this.writableLength > 0 || this.#hasClientEnded;
    const loss = maybe ? lossBehind(this) : undefined;
    if (loss !== undefined) this.destroy(loss);
  }

  override destroySoon(): void {
    // what would be sent now would follow our FIN
    if (!this.#isLeaving) super.destroySoon();
  }

  override destroy(error?: Error): this {
    const client = this.#client;
    if (this.#isGone || this.destroyed) return this;
    if (client.destroyed) return this.#destroyAfter(undefined, error);
    // a write fails behind our own FIN, whatever the client does
    if (isOfClient(error) && !(this.#isLeaving && error.syscall === 'write')) {
      return this.#destroyAfter(() => this.#events.onClientError(error), error);
    }
    if (this.#isLeaving && error === undefined) return this;
    // OpenSSL takes no more of what comes behind its error, and it would pile up
    const isBroken = error !== undefined && this.#isSecure;
    if (isBroken || this.#isLeaving || !this.mayWait())
      return this.#destroyAfter(() => this.#events.onInnerGone(), error);
    this.#leave();
    // within the handshake its alert has the grace to arrive
    if (error !== undefined) this.#onUnwanted();
    return this;
  }

  /** Closes it, after its record has been told why, which ends what is left. */
  #destroyAfter(tell: (() => void) | undefined, error?: Error): this {
    this.#isGone = true;
    tell?.();
    return super.destroy(error);
  }

  #leave(): void {
    const client = this.#client;
    this.#isLeaving = true;
    this.emit('leaving');
    if (!this.writableFinished) this.#events.onInnerEnd(false);
    client.end();
    // reads on, whoever had stopped it, and nobody takes it
    this.removeAllListeners('data');
    this.resume();
    this.#closeIfExchanged();
  }

  /** Handles bytes that come for nobody: the client goes on sending, or they were on their way. */
  #onUnwanted(): void {
    if (!this.#isUnwanted) this.#events.onInnerGone();
    this.#isUnwanted = true;
  }

  #onClientEnd(): void {
    if (this.#hasClientEnded) return;
    this.#hasClientEnded = true;
    this.#events.onClientEnd();
    this.#closeIfExchanged();
  }

  #closeIfExchanged(): void {
    if (this.#isLeaving && this.#hasClientEnded && this.#client.writableFinished) {
      this.#destroyAfter(undefined);
    }
  }
}

/** Whether the cause is an error of the client's connection, which a system call has told, and not one of TLS. */
function isOfClient(cause: (Error & { syscall?: string }) | undefined): cause is NodeJS.ErrnoException {
  return cause?.syscall !== undefined;
}
