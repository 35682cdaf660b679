/**
 * Process or thread of a target at the harness's end of the probe: its hello, and the requests to it.
 */
import type { Socket } from 'node:net';
import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { MessageLines } from './message-lines.ts';
import { messageProblem, answerProblem } from './message-problem.ts';
import { readProcess } from '../outside/process-tree.ts';
import type { Hello, Reply, Request, Sample } from '../protocol.ts';

/** Request without its number. */
export type Asked = Request extends infer One ? (One extends Request ? Omit<One, 'id'> : never) : never;

type Settle<T> = { resolve: (value: T) => void; reject: (error: LastfinError) => void };
type Pending = Settle<unknown> & { timer: NodeJS.Timeout; what: Request['do'] };

/** Requests that stop the target while they walk its heap: they take longer on a large heap. */
const HEAVY: ReadonlySet<Request['do']> = new Set(['baseline', 'report', 'heap', 'objects', 'alive']);
/** Additional time (ms) for each MiB of the heap, and the most in all. */
const EACH_MIB = 100;
const MOST_WITHIN = 120_000;
/** Time (ms) for the answers of a target that has failed to answer once. */
const AFTER_SILENCE = 2_000;
/** Additional time on a busy machine: at most this many times the limit, and only from this many ms on. */
const MOST_STARVED = 3;
const SAME = 50;

/** Process and thread by number; thread 0 is the main one. */
type Place = { pid: number; thread: number };

export class TargetProcess {
  /** set once it has said hello */
  hello: Hello | undefined;
  /** whether it knows what was alive before the traffic */
  hasBaseline = false;
  readonly #socket: Socket;
  #answerWithin: { light: number; heavy: number };
  readonly #starvedFor: (pid: number) => number;
  /** size of the heap at its last sample, MiB */
  #heap = 0;
  readonly #pending = new Map<number, Pending>();
  readonly #greeted: (targetProcess: TargetProcess) => void;
  readonly #left: (targetProcess: TargetProcess, error: LastfinError) => void;
  /** requests whose answer may still arrive too late */
  readonly #late = new Set<number>();
  #lastId = 0;
  #gone: LastfinError | undefined;

  /** @param greeted called at its hello @param left called once, when its connection has ended */
  constructor(
    socket: Socket,
    { light, heavy, starvedFor }: { light: number; heavy: number; starvedFor: (pid: number) => number },
    greeted: (targetProcess: TargetProcess) => void,
    left: (targetProcess: TargetProcess, error: LastfinError) => void,
  ) {
    this.#socket = socket;
    this.#answerWithin = { light, heavy };
    this.#starvedFor = starvedFor;
    this.#greeted = greeted;
    this.#left = left;
    socket.on('error', () => undefined);
    socket.setEncoding('utf8');
    const lines = new MessageLines();
    socket.on('data', (text: string) => {
      if (this.#gone) return;
      for (const line of lines.take(text)) this.#hear(line);
      if (lines.isTooLong) this.#break('it wrote without an end to it');
    });
    socket.on('close', () => this.end(failure('the target has closed the connection of its probe')));
  }

  get isGone(): boolean {
    return this.#gone !== undefined;
  }

  /** Whether it is a thread beside the main one, which shares the process's descriptors. */
  get isThread(): boolean {
    return (this.hello?.thread ?? 0) > 0;
  }

  /** Name for people: `worker thread 2 of process 4242 (pool.js)`. */
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
    const within = this.#within(what);
    const { promise, resolve, reject } = deferred<unknown>();
    const starvedBefore = this.#starved();
    const giveUp = (after: number): void => {
      this.#pending.delete(id);
      this.#late.add(id);
      this.#answerWithin = { light: AFTER_SILENCE, heavy: AFTER_SILENCE };
      const message = `${this.#who} did not answer the probe's \`${what}\` within ${Math.round(after / 1000)} s`;
      reject(failure(message, { request: what }));
    };
    const look = (): void => {
      // a stopped process answers nothing, however long one waits
      if (this.#isStopped()) giveUp(AFTER_SILENCE);
      else pending.timer = setTimeout(onEnd, within - AFTER_SILENCE, 0);
    };
    const onEnd = (given: number): void => {
      const late = Math.min(this.#starved() - starvedBefore, MOST_STARVED * within) - given;
      if (late > SAME) pending.timer = setTimeout(onEnd, late, given + late);
      else giveUp(within);
    };
    const timer = within > AFTER_SILENCE ? setTimeout(look, AFTER_SILENCE) : setTimeout(onEnd, within, 0);
    const pending: Pending = { resolve, reject, timer, what };
    this.#pending.set(id, pending);
    this.#socket.write(`${JSON.stringify({ id, ...request } satisfies Request)}\n`);
    return promise;
  }

  /** Ends the conversation; open requests are rejected with `error`. */
  end(error: LastfinError): void {
    this.#giveUp(error);
    this.#socket.destroy();
  }

  #giveUp(error: LastfinError): void {
    if (this.#gone) return;
    this.#gone = error;
    for (const { reject, timer } of this.#pending.values()) {
      clearTimeout(timer);
      reject(error);
    }
    this.#pending.clear();
    this.#left(this, error);
  }

  /** Time (ms) that a busy machine has kept from the target and from the harness so far. */
  #starved(): number {
    return this.#starvedFor(this.hello?.pid ?? process.pid) + this.#starvedFor(process.pid);
  }

  #isStopped(): boolean {
    const pid = this.hello?.pid;
    return pid !== undefined && /^[Tt]$/.test(readProcess(pid)?.state ?? '');
  }

  /** Time (ms) that the target has for an answer. */
  #within(what: Request['do']): number {
    const { light, heavy } = this.#answerWithin;
    if (heavy === AFTER_SILENCE || !HEAVY.has(what)) return light;
    return Math.min(heavy + this.#heap * EACH_MIB, Math.max(heavy, MOST_WITHIN));
  }

  /** Name as the subject of a sentence. */
  get #who(): string {
    return this.isThread ? this.name : 'the target';
  }

  /** Ends the conversation with a process that breaks the protocol. The connection stays, as a probe without one ends its process. */
  #break(how: string): void {
    this.#giveUp(failure(`${this.#who} has broken the connection of the probe: ${how}`));
  }

  #hear(line: string): void {
    if (this.#gone) return;
    let message: Hello | Reply;
    try {
      message = JSON.parse(line) as Hello | Reply;
    } catch {
      this.#break(`it wrote what is not JSON: ${quoted(line)}`);
      return;
    }
    const problem = messageProblem(message);
    if (problem !== undefined) {
      this.#break(`it wrote ${problem}: ${quoted(line)}`);
      return;
    }
    if ('hello' in message) {
      this.hello = message;
      this.#greeted(this);
      return;
    }
    const pending = this.#pending.get(message.id);
    if (!pending) {
      if (!this.#late.delete(message.id))
        this.#break(`it wrote an answer that nobody has asked for: ${quoted(line)}`);
      return;
    }
    this.#pending.delete(message.id);
    clearTimeout(pending.timer);
    if ('error' in message) {
      pending.reject(failure(`the probe failed in ${this.#who}: ${message.error.slice(0, LONGEST)}`));
      return;
    }
    const wrong = answerProblem(pending.what, message.ok);
    if (wrong !== undefined) {
      pending.reject(failure(`${this.#who} has broken the connection of the probe: ${wrong}`));
      this.#break(wrong);
      return;
    }
    if (pending.what === 'sample') this.#heap = (message.ok as Sample).heapUsed / 2 ** 20;
    pending.resolve(message.ok);
  }
}

/** Most characters of a target's message that an error quotes. */
const QUOTED = 80;
const LONGEST = 2000;

function quoted(line: string): string {
  return JSON.stringify(line.length > QUOTED ? `${line.slice(0, QUOTED)}…` : line);
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
