import type { Socket } from 'node:net';
import { Link } from './link.ts';
import type { Direction, Toxic } from '../toxic.ts';

export const DIRECTIONS = ['upstream', 'downstream'] as const satisfies readonly Direction[];

export type ConnectionOptions = {
  readonly client: Socket;
  readonly upstream: Socket;
  readonly toxics: (direction: Direction) => readonly Toxic[];
  readonly random: (direction: Direction) => () => number;
  readonly spares: (toxic: Toxic) => boolean;
  /** An end of one side goes through, instead of closing both. */
  readonly halfClose: boolean;
  /** Both sockets are closed and nothing of the connection is left. */
  readonly onEnd: (connection: Connection) => void;
};

/** A client, its upstream, and the links in both directions. It ends when both sockets are closed. */
export class Connection {
  readonly links: Readonly<Record<Direction, Link>>;
  readonly #options: ConnectionOptions;
  #lingerZero: boolean;
  #open = 2;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { client, upstream } = options;
    // As SO_LINGER 0 of the real server: decided when the connection is made, and it stays.
    this.#lingerZero = DIRECTIONS.some((direction) =>
      options.toxics(direction).some((toxic) => toxic.kind.lingerZero === true && !options.spares(toxic)),
    );
    this.links = {
      upstream: this.#link('upstream', client, upstream),
      downstream: this.#link('downstream', upstream, client),
    };
    client.once('close', () => this.#onClosed(this.links.downstream, upstream));
    upstream.once('close', () => this.#onClosed(this.links.upstream, client));
  }

  start(): void {
    this.links.upstream.start();
    this.links.downstream.start();
  }

  /** Closes both sockets at once; data inside toxics is dropped. */
  close(): void {
    this.#close(this.#options.client);
    this.#close(this.#options.upstream);
  }

  #link(direction: Direction, source: Socket, dest: Socket): Link {
    const { toxics, random, spares } = this.#options;
    return new Link({
      source,
      dest,
      toxics: toxics(direction),
      random: random(direction),
      spares,
      reset: () => {
        this.#lingerZero = true;
        this.close();
      },
      closeDest: () => this.#end(source, dest),
    });
  }

  /** All that came from the source is written. */
  #end(source: Socket, dest: Socket): void {
    // A source that was reset has no direction left to keep open.
    if (this.#options.halfClose && !this.#lingerZero && source.readableEnded && !source.destroyed) dest.end();
    else this.#close(dest);
  }

  #close(socket: Socket): void {
    if (socket.destroyed) return;
    if (this.#lingerZero) socket.resetAndDestroy();
    else socket.destroy();
  }

  /** A socket closed: the link that wrote to it is over; the one that read from it ends through its toxics. */
  #onClosed(writer: Link, other: Socket): void {
    writer.dispose();
    // Half-closed, and now there is nobody left to write to.
    if (this.#options.halfClose && other.writableEnded && !other.readableEnded) this.#close(other);
    if (--this.#open > 0) return;
    for (const direction of DIRECTIONS) this.links[direction].dispose();
    this.#options.onEnd(this);
  }
}
