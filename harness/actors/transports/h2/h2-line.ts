import type { Http2Session, Settings } from 'node:http2';
import type { Duplex } from 'node:stream';

import { destroySafely } from '../../../../shared/http2/destroy-safely.ts';
import { nameOfCode } from '../../../scenario/h2-codes.ts';
import { TransportRefused } from '../pipe.ts';
import type { FreezableStream } from './freezable-stream.ts';

/** Script or exchange on a connection: it is told when the connection is lost. */
type OnLine = {
  /** called when the peer has ended the connection, or it is closed */
  lineLost(): void;
  emit(event: 'error', error: Error): boolean;
  emit(event: 'progress'): boolean;
};

/** HTTP/2 connection of an actor, with the scripts that share it. */
export class H2Line {
  readonly session: Http2Session;
  /** stream under the session: the socket, TLS over it, or what freezes either */
  readonly stream: Duplex;
  /** code of the GOAWAY that the peer has sent; undefined: none */
  goaway: string | undefined;
  /** whether the peer has ended the connection, or it has failed or closed */
  isLost = false;
  /** limits that were sent last, and the script that asked for them */
  #settings: { asked: string; by: object } | undefined;
  /** scripts that have not left yet */
  #remaining: number;
  readonly #all = new Set<OnLine>();
  /** resolves with the peer's first SETTINGS, or the end of the connection */
  readonly #settled: Promise<void>;

  /** @param scripts number of scripts that share the connection; `Infinity` on the side that accepts */
  constructor(session: Http2Session, stream: Duplex, scripts: number) {
    this.session = session;
    this.stream = stream;
    this.#remaining = scripts;
    destroySafely(session, stream);
    session.setMaxListeners(0);
    session.on('error', () => undefined);
    const lose = (): void => {
      if (this.isLost) return;
      this.isLost = true;
      for (const one of this.#all) one.lineLost();
    };
    session.on('goaway', (code: number) => {
      // a graceful stop may announce itself several times
      this.goaway = nameOfCode(code);
      for (const one of this.#all) one.emit('progress');
      // Node ends the connection for an error
      if (code !== 0) lose();
    });
    stream.on('error', (error) => {
      for (const one of this.#all) one.emit('error', error);
      lose();
    });
    stream.once('end', lose).once('close', lose);
    this.#settled = new Promise((resolve) => {
      session.once('remoteSettings', () => resolve());
      stream.once('end', resolve).once('close', resolve);
    });
  }

  /** Calls back once bytes may be written beside the session: not before its preface, which an answer to PING proves. */
  whenSettled(write: () => void): void {
    if (this.session.destroyed) return;
    this.session.ping((error) => {
      if (error === null) write();
    });
  }

  /**
   * Waits for the peer's SETTINGS. Rejects with {@link TransportRefused} where they do not announce extended CONNECT (RFC 8441), and where
   * the connection ends before them.
   */
  async takesConnect(): Promise<void> {
    await this.#settled;
    if (this.isLost || this.session.destroyed) throw new TransportRefused('end');
    // typed as if it were always there
    if (this.session.remoteSettings.enableConnectProtocol !== true)
      throw new TransportRefused('no-connect-protocol');
  }

  /** Adds a script or an exchange. */
  enter(one: OnLine): void {
    this.#all.add(one);
  }

  /** Removes an exchange that is over. */
  drop(one: OnLine): void {
    this.#all.delete(one);
  }

  /** Whether no exchange is under way. */
  get isIdle(): boolean {
    return this.#all.size === 0;
  }

  /** Changes what the peer may do: once where several scripts ask for the same, and each time where one script repeats it. */
  changeSettings(settings: Settings, by: object): void {
    const asked = JSON.stringify(settings);
    if (this.session.destroyed || (asked === this.#settings?.asked && by !== this.#settings.by)) return;
    this.#settings = { asked, by };
    this.session.settings(settings);
  }

  /** Ends the part of a script; the last one to leave ends the connection with GOAWAY and FIN. True if it was the last. */
  leave(): boolean {
    this.#remaining--;
    if (this.#remaining > 0) return false;
    // with no stream under way the session ends the connection itself, and reads on until its end
    if (!this.session.destroyed) this.session.close();
    // its GOAWAY is written after this
    setImmediate(() => this.stream.end());
    return true;
  }

  /** Reads nothing more from here on; false if the connection was not made for it. */
  freeze(): boolean {
    if (!('freeze' in this.stream)) return false;
    (this.stream as FreezableStream).freeze();
    return true;
  }
}
