import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A write that takes longer is waiting for the receiver. */
const STUCK_MS = 300;

/** How the other side of a socket ended it. */
export type Ending = 'fin' | 'reset';

/** End of a proxied connection: records received bytes and the ending, and never closes by itself. */
export class Peer {
  readonly socket: Socket;
  /** When each piece came (`performance.now()`), and its bytes. */
  readonly pieces: { readonly at: number; readonly data: Buffer }[] = [];
  /** The first sign that the other side is gone. */
  readonly ended: Promise<Ending>;
  endedAt = 0;
  ending: Ending | undefined;
  #bytes = 0;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (data: Buffer) => {
      this.pieces.push({ at: performance.now(), data });
      this.#bytes += data.length;
      socket.emit('progress');
    });
    this.ended = new Promise((resolve) => {
      const end = (ending: Ending): void => {
        if (this.ending === undefined) {
          this.ending = ending;
          this.endedAt = performance.now();
        }
        socket.emit('progress');
        resolve(this.ending);
      };
      socket.once('end', () => end('fin'));
      // EPIPE: written after a reset that was not read.
      socket.on('error', () => end('reset'));
    });
  }

  get bytes(): number {
    return this.#bytes;
  }

  get text(): string {
    return Buffer.concat(this.pieces.map(({ data }) => data)).toString('latin1');
  }

  /** Waits until this many bytes came; throws if the stream ends before. */
  async received(bytes: number): Promise<void> {
    while (this.#bytes < bytes) {
      if (this.ending !== undefined) throw new Error(`${this.ending} after ${this.#bytes} of ${bytes} bytes`);
      await once(this.socket, 'progress');
    }
  }

  /** Writes until nothing goes out any more: everything between here and a receiver that does not read is full. */
  async fill(): Promise<void> {
    const block = Buffer.alloc(256 * 1024);
    for (;;) {
      const written = new Promise<boolean>((resolve) => this.socket.write(block, () => resolve(true)));
      let timer: NodeJS.Timeout | undefined;
      const stuck = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), STUCK_MS)));
      const goesOn = await Promise.race([written, stuck]);
      clearTimeout(timer);
      if (!goesOn) return;
    }
  }

  write(data: string | Buffer): void {
    this.socket.write(data);
  }
}

/** The server behind a proxy. */
export class Upstream {
  readonly server: Server;
  readonly address: string;
  readonly #waiting: ((peer: Peer) => void)[] = [];
  readonly #arrived: Peer[] = [];
  readonly #all: Socket[] = [];

  private constructor(server: Server) {
    this.server = server;
    this.address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('connection', (socket) => {
      this.#all.push(socket);
      const peer = new Peer(socket);
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#arrived.push(peer);
      else waiting(peer);
    });
  }

  static async listen(): Promise<Upstream> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Upstream(server);
  }

  /** The next connection that arrives, or has arrived and was not asked for. */
  async next(): Promise<Peer> {
    return this.#arrived.shift() ?? new Promise((resolve) => this.#waiting.push(resolve));
  }

  async close(): Promise<void> {
    for (const socket of this.#all) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }
}

/** Connects a client to `host:port`. */
export async function dial(address: string): Promise<Peer> {
  const [host, port] = address.split(':');
  const socket = connect({ host: host ?? '', port: Number(port), allowHalfOpen: true, noDelay: true });
  const peer = new Peer(socket);
  await once(socket, 'connect');
  return peer;
}
