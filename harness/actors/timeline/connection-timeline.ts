import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import type { ConnectionEvent } from '../../journal/entry.ts';
import { seenFrom } from '../seen-from.ts';
import { SECURED } from '../transports/tls/tls.ts';
import { isTimed } from './is-timed.ts';

type Kind = ConnectionEvent['event'];
/** Event with its time by `performance.now()`. */
type Moment = Omit<ConnectionEvent, 't'> & { at: number };

/** Steps that are kept: the first ones, and the last one in the place of all between. */
const MOST_STEPS = 29;
/** Errors that are kept: together with the steps and one of each other kind no more than 40 events. */
const MOST_ERRORS = 3;

/** Life of a connection before its actor has begun: the moments by `performance.now()`, and the stream of bytes over it. */
export type Before = { opened: number; established: number; stream: Duplex };

/** Begins the timeline of a connection, which is just opened; undefined for most of a large round. */
export function timelineOf(
  socket: Socket,
  { number, count }: { number: number; count: number },
  before?: Before,
): ConnectionTimeline | undefined {
  if (!isTimed(number, count)) return undefined;
  const timeline = new ConnectionTimeline();
  timeline.note('opened', {}, before?.opened);
  timeline.watch(socket);
  if (before === undefined) {
    socket.once(SECURED, (stream: Duplex) => {
      timeline.watch(stream);
    });
  } else if (before.stream !== socket) timeline.watch(before.stream);
  return timeline;
}

/** Keeps the moments in the life of one connection, as its actor sees them: each kind once, but for steps and errors. */
export class ConnectionTimeline {
  readonly #moments: Moment[] = [];
  readonly #watched = new Set<Duplex>();
  #steps = 0;
  #errors = 0;

  /** @param at `performance.now()` of the event, if it was earlier */
  note(event: Kind, detail: Pick<ConnectionEvent, 'step' | 'code'> = {}, at = performance.now()): void {
    if (!this.#takes(event)) return;
    this.#moments.push({ at, event, ...detail });
  }

  /** Notes what happens to a stream that carries the connection: its ends, its errors, that it is closed. */
  watch(stream: Duplex): void {
    this.#watched.add(stream);
    // scripts that share the stream have a timeline each
    stream.setMaxListeners(0);
    stream.once('finish', () => {
      this.note('fin-sent');
    });
    stream.once('end', () => {
      this.#peerDid('fin');
    });
    stream.on('error', (error: NodeJS.ErrnoException) => {
      this.failed(error);
    });
    stream.once('close', () => {
      this.note('closed');
    });
  }

  /** Notes that a stream was just ended, if it carries the connection and nothing is to be written before: its FIN goes out at once. */
  ends(stream: Duplex): void {
    if (this.#watched.has(stream) && stream.writableLength === 0) this.note('fin-sent');
  }

  /** Notes an error of the connection: a reset by the peer, or another, with its code. */
  failed(error: NodeJS.ErrnoException): void {
    const seen = seenFrom(error);
    if (seen === 'end') this.#peerDid('fin');
    else if (seen === 'reset') this.#peerDid('rst', error.code);
    else this.#peerDid('error', error.code ?? 'UNKNOWN');
  }

  /** The events, with their times in ms since `start`. */
  since(start: number): ConnectionEvent[] {
    return this.#moments.map(({ at, ...event }) => ({ t: Math.round((at - start) * 10) / 10, ...event }));
  }

  /** Notes a doing of the peer; after our own reset an error is its echo. */
  #peerDid(event: Kind, code?: string): void {
    if (this.#has('rst-sent')) return;
    this.note(event, code === undefined ? {} : { code });
  }

  #has(event: Kind): boolean {
    return this.#moments.some((moment) => moment.event === event);
  }

  /** Whether an event is kept; makes room for a last step. */
  #takes(event: Kind): boolean {
    if (event === 'error') return this.#errors++ < MOST_ERRORS;
    if (event !== 'step') return !this.#has(event);
    if (++this.#steps > MOST_STEPS) {
      const last = this.#moments.findLastIndex((moment) => moment.event === 'step');
      this.#moments.splice(last, 1);
    }
    return true;
  }
}
