import type { Server, Socket } from 'node:net';

import type { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import type { Hello } from '../protocol.ts';
import type { Answered } from './combine.ts';
import { type Asked, deferred, failure, TargetProcess } from './target-process.ts';

/** Limits of a conversation. */
type ConversationOptions = {
  /** time for the target's hello, ms */
  helloWithin: number;
  /** time for one answer, ms */
  answerWithin: number;
  /** ms that a busy machine has kept from a process so far: an answer has that much longer */
  starvedFor: (pid: number) => number;
};

/** ms to wait for an answer that takes the target no time */
const LIGHT_WITHIN = 10_000;

/** Talks with the agents in a target, in its child processes and in its worker threads, over one Unix socket. */
export class Conversation {
  readonly #options: ConversationOptions;
  readonly #hello: Promise<Hello>;
  readonly #settleHello: { resolve: (hello: Hello) => void; reject: (error: LastfinError) => void };
  /** the target itself: the first that connected */
  #main: TargetProcess | undefined;
  readonly #processes = new Set<TargetProcess>();
  /** sockets of everybody who has connected, also of processes that are gone */
  readonly #sockets = new Set<Socket>();
  #gone: LastfinError | undefined;

  constructor(server: Server, options: ConversationOptions) {
    this.#options = options;
    const { promise, resolve, reject } = deferred<Hello>();
    this.#hello = promise;
    // a target that dies before anyone asks must not become an unhandled rejection
    promise.catch(() => undefined);
    this.#settleHello = { resolve, reject };
    server.on('connection', (socket) => this.#accept(socket));
  }

  /** The target's hello. Rejects when none came within `helloWithin` ms of this call, or the conversation was ended. */
  async connected(): Promise<Hello> {
    const within = this.#options.helloWithin;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(failure(`no hello from the target within ${within} ms`)), within);
    });
    try {
      return await Promise.race([this.#hello, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Whether a target is there to be asked. */
  get isConnected(): boolean {
    return this.#main !== undefined && !this.#main.isGone && this.#gone === undefined;
  }

  /** Whether a process or thread is the target itself. */
  isMain(targetProcess: TargetProcess): boolean {
    return targetProcess === this.#main;
  }

  /** Processes and threads that can be asked: the target first. */
  present(): TargetProcess[] {
    return [...this.#processes].filter(
      (targetProcess) => targetProcess.hello !== undefined || targetProcess === this.#main,
    );
  }

  /**
   * Asks the target and all its children and threads. One that ends meanwhile has nothing to say; the target itself must
   * answer, unless `orphans` may speak for it.
   */
  async askAll<T>(
    request: Asked,
    whom: (targetProcess: TargetProcess) => boolean = () => true,
    orphans = false,
  ): Promise<(Answered<T> & { targetProcess: TargetProcess })[]> {
    if (this.#gone) throw this.#gone;
    const main = this.#main;
    if (!main) throw failure(`cannot ask for ${request.do}: the target has not connected`);
    if (main.isGone && !(orphans && this.#processes.size > 0)) await main.ask(request);
    const answers = this.present()
      .filter(whom)
      .map(async (targetProcess) => {
        try {
          const answer = (await targetProcess.ask(request)) as T;
          const others =
            targetProcess === main ? {} : { name: targetProcess.name, thread: targetProcess.isThread };
          return [{ targetProcess, answer, ...others }];
        } catch (error) {
          if (targetProcess === main || !targetProcess.isGone) throw error;
          return [];
        }
      });
    return (await Promise.all(answers)).flat();
  }

  /** Rejects everything that is under way and closes all sockets. May be called twice. */
  end(error: LastfinError): void {
    if (!this.#gone) {
      this.#gone = error;
      this.#settleHello.reject(error);
      for (const targetProcess of this.#processes) targetProcess.end(error);
    }
    for (const socket of this.#sockets) socket.destroy();
  }

  #accept(socket: Socket): void {
    if (this.#gone) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    const { answerWithin, starvedFor } = this.#options;
    const targetProcess = new TargetProcess(
      socket,
      { light: Math.min(LIGHT_WITHIN, answerWithin), heavy: answerWithin, starvedFor },
      ({ hello }) => {
        if (hello && targetProcess === this.#main) this.#settleHello.resolve(hello);
      },
      (_, error) => {
        this.#processes.delete(targetProcess);
        if (targetProcess === this.#main) this.#settleHello.reject(error);
      },
    );
    this.#main ??= targetProcess;
    this.#processes.add(targetProcess);
  }
}
