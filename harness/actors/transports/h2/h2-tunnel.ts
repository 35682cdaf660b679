import type { Http2Stream } from 'node:http2';

import type { H2Code } from '../../../scenario/h2-codes.ts';
import type { H2Line } from './h2-line.ts';
import { H2Pipe } from './h2-pipe.ts';

/** Stream of HTTP/2 whose bytes are those of a WebSocket, in both directions (RFC 8441): END_STREAM is its FIN, RST_STREAM its RST. */
export class H2Tunnel extends H2Pipe {
  readonly #isClient: boolean;
  /** whether the peer has ended its side, and whether the stream is over otherwise */
  #isWhole = false;
  #isBroken = false;
  /** whether the script has ended this side */
  #isFinal = false;
  #hasClosed = false;

  constructor(line: H2Line, stream: Http2Stream, isClient: boolean) {
    super(line);
    this.#isClient = isClient;
    this.use(stream);
    this.readBody(stream);
    stream.once('close', () => {
      this.#hasClosed = true;
      this.#leaveIfDone();
    });
  }

  protected begin(): void {
    // the stream stands
  }

  protected get isAnswered(): boolean {
    return false;
  }

  override get standsAlone(): boolean {
    return !this.#isClient;
  }

  protected onWhole(): void {
    this.#isWhole = true;
    this.push(null);
    this.emit('progress');
  }

  protected onCancelled(what: string): void {
    this.#isBroken = true;
    this.emit('seen', what);
  }

  override cancel(code: H2Code): void {
    this.#isBroken = true;
    super.cancel(code);
  }

  lineLost(): void {
    if (!this.#isWhole && !this.#isBroken) this.emit('seen', this.goneFor ?? 'truncated');
    this.resume();
  }

  /** Leaves the connection, once the stream is over and the script has ended its side. */
  #leaveIfDone(): void {
    if (!this.#hasClosed) return;
    if (!this.#isClient) {
      this.line.drop(this);
      if (this.line.isIdle && this.line.isLost) this.line.stream.end();
    } else if (this.#isFinal && !this.hasLeft) {
      this.hasLeft = !this.line.leave();
      this.emit('progress');
    }
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#isFinal = true;
    this.finish();
    this.#leaveIfDone();
    done();
  }
}
