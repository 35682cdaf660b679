/**
 * One process or thread of a target, as the harness's end of the probe knows it: what it said of itself, and what it is asked.
 */
import type { Socket } from 'node:net';
import { LastfinError } from '../../errors/lastfin-error.ts';
import type { Hello, Reply, Request } from './protocol.ts';

/** A request without its number. */
export type Asked = Request extends infer One ? (One extends Request ? Omit<One, 'id'> : never) : never;

type Settle<T> = { resolve: (value: T) => void; reject: (error: LastfinError) => void };
type Pending = Settle<unknown> & { timer: NodeJS.Timeout };

/** Thread 0 is the main one. */
type Place = { pid: number; thread: number };

export class Member {
  /** set once it has said hello */
  hello: Hello | undefined;
  /** knows what was alive before the traffic */
  hasBaseline = false;
  readonly #socket: Socket;
  readonly #answerWithin: number;
  readonly #pending = new Map<number, Pending>();
  readonly #greeted: (member: Member) => void;
  readonly #left: (member: Member, error: LastfinError) => void;
  #lastId = 0;
  #gone: LastfinError | undefined;

  /** @param greeted called on its hello @param left called once, when its connection has ended */
  constructor(
    socket: Socket,
    answerWithin: number,
    greeted: (member: Member) => void,
    left: (member: Member, error: LastfinError) => void,
  ) {
    this.#socket = socket;
    this.#answerWithin = answerWithin;
    this.#greeted = greeted;
    this.#left = left;
    socket.on('error', () => undefined);
    socket.setEncoding('utf8');
    let rest = '';
    socket.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#hear(line);
    });
    socket.on('close', () => this.end(failure('the target closed its probe: it exited or was killed')));
  }

  get isGone(): boolean {
    return this.#gone !== undefined;
  }

  /** A thread beside the main one: it shares the process's descriptors. */
  get isThread(): boolean {
    return (this.hello?.thread ?? 0) > 0;
  }

  /** Which process or thread this is, for people: `worker thread 2 of process 4242 (pool.js)`. */
  get name(): string {
    const { pid = 0, thread = 0, script = '' } = this.hello ?? {};
    const what = nameOf({ pid, thread });
    return script === '' ? what : `${what} (${script})`;
  }

  is({ pid, thread }: Place): boolean {
    return this.hello?.pid === pid && (this.hello.thread ?? 0) === thread;
  }

  async ask(request: Asked): Promise<unknown> {
    if (this.#gone) throw this.#gone;
    const id = ++this.#lastId;
    const what = request.do;
    const within = this.#answerWithin;
    const { promise, resolve, reject } = deferred<unknown>();
    const timer = setTimeout(() => {
      this.#pending.delete(id);
      reject(failure(`no answer to ${what} within ${within} ms`, { request: what }));
    }, within);
    this.#pending.set(id, { resolve, reject, timer });
    this.#socket.write(`${JSON.stringify({ id, ...request } satisfies Request)}\n`);
    return promise;
  }

  /** Ends the conversation; what was asked is rejected with `error`. */
  end(error: LastfinError): void {
    if (this.#gone) return;
    this.#gone = error;
    for (const { reject, timer } of this.#pending.values()) {
      clearTimeout(timer);
      reject(error);
    }
    this.#pending.clear();
    this.#socket.destroy();
    this.#left(this, error);
  }

  #hear(line: string): void {
    let message: Hello | Reply;
    try {
      message = JSON.parse(line) as Hello | Reply;
    } catch (cause) {
      this.end(failure('the probe sent what is not JSON', { line: line.slice(0, 200) }, cause));
      return;
    }
    if ('hello' in message) {
      this.hello = message;
      this.#greeted(this);
      return;
    }
    const pending = this.#pending.get(message.id);
    if (!pending) return;
    this.#pending.delete(message.id);
    clearTimeout(pending.timer);
    if ('error' in message) pending.reject(failure(`the probe failed: ${message.error}`));
    else pending.resolve(message.ok);
  }
}

export function nameOf({ pid, thread }: Place): string {
  return thread > 0 ? `worker thread ${thread} of process ${pid}` : `child process ${pid}`;
}

export function failure(message: string, facts: Record<string, unknown> = {}, cause?: unknown): LastfinError {
  return new LastfinError('LASTFIN_PROBE', message, { facts, cause });
}

export function deferred<T>(): Settle<T> & { promise: Promise<T> } {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: LastfinError) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
