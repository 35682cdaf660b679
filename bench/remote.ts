import type { ChildProcess } from 'node:child_process';

/** Functions that a child process offers. Arguments and results go through IPC: plain data only. */
type Calls = Record<string, (...args: never[]) => unknown>;

type Request = { id: number; name: string; args: never[] };
type Answer = { id: number; result?: unknown; error?: string };

/** In the child: answers the parent's calls. */
export function serve(calls: Calls): void {
  process.on('message', ({ id, name, args }: Request) => {
    const run = async (): Promise<unknown> => calls[name]?.(...args);
    run().then(
      (result) => process.send?.({ id, result } satisfies Answer),
      (error: unknown) => process.send?.({ id, error: String(error) } satisfies Answer),
    );
  });
}

/** In the parent: calls a child that serves them. */
export class Remote<C extends Calls> {
  readonly #child: ChildProcess;
  readonly #what: string;
  readonly #waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  #calls = 0;

  /** @param what names the child in errors */
  constructor(child: ChildProcess, what: string) {
    this.#child = child;
    this.#what = what;
    child.on('message', ({ id, result, error }: Answer) => {
      const call = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) call?.resolve(result as never);
      else call?.reject(new Error(`${what}: ${error}`));
    });
    child.once('exit', (code, signal) => {
      for (const { reject } of this.#waiting.values()) reject(this.#ended(code, signal));
      this.#waiting.clear();
    });
  }

  call<K extends keyof C & string>(name: K, ...args: Parameters<C[K]>): Promise<Awaited<ReturnType<C[K]>>> {
    this.#calls += 1;
    const id = this.#calls;
    return new Promise((resolve, reject) => {
      const { exitCode, signalCode } = this.#child;
      if (exitCode === null && signalCode === null) {
        this.#waiting.set(id, { resolve, reject });
        this.#child.send({ id, name, args });
      } else {
        reject(this.#ended(exitCode, signalCode));
      }
    });
  }

  #ended(code: number | null, signal: NodeJS.Signals | null): Error {
    return new Error(`${this.#what} has ended with ${code ?? signal}`);
  }
}
