import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import { openWebSocket, type WebSocketClient } from './web-socket.ts';

type Answer = { id?: number; method?: string; result?: Remote; error?: { message: string } };
type Thrown = { text: string; exception?: { description?: string; value?: unknown } };
type Remote = { result?: { value?: unknown; objectId?: string }; exceptionDetails?: Thrown };
type Pending = { resolve: (answer: Remote) => void; reject: (error: LastfinError) => void };

/** Conversation with the inspector of a running process. Every failure is a `LASTFIN_PROBE`, a refused connection `LASTFIN_INSPECTOR`. */
export class InspectorClient {
  #socket: WebSocketClient | undefined;
  #last = 0;
  #gone: LastfinError | undefined;
  readonly #pending = new Map<number, Pending>();
  readonly #seen: string[] = [];

  /** @param url as the inspector names it: `ws://127.0.0.1:9229/…` */
  static async open(url: URL): Promise<InspectorClient> {
    const client = new InspectorClient();
    try {
      client.#socket = await openWebSocket(url, {
        onMessage: (text) => client.#hear(text),
        onEnd: () => client.#end('the process has ended, or has closed its inspector'),
      });
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new LastfinError('LASTFIN_INSPECTOR', `cannot talk to the inspector at ${url.host}: ${why}`, {
        cause,
      });
    }
    return client;
  }

  /** Sends a command of the protocol. */
  post(method: string, params: object = {}): Promise<Remote> {
    if (this.#gone) return Promise.reject(this.#gone);
    const id = ++this.#last;
    this.#socket?.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
    });
  }

  /** Evaluates an expression in the program's own realm; a promise is awaited. */
  async evaluate(expression: string): Promise<unknown> {
    return value(
      await this.post('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true }),
    );
  }

  /** Number of an object that stays in the process. */
  async hold(expression: string): Promise<string> {
    const answer = await this.post('Runtime.evaluate', { expression, awaitPromise: true });
    value(answer);
    const id = answer.result?.objectId;
    if (id === undefined) throw broken('the expression gave no object');
    return id;
  }

  /** Calls a method of an object that {@link hold} holds. */
  async call(objectId: string, method: string, ...given: unknown[]): Promise<unknown> {
    return value(
      await this.post('Runtime.callFunctionOn', {
        objectId,
        functionDeclaration: `function(...given) { return this.${method}(...given); }`,
        arguments: given.map((one) => ({ value: one })),
        returnByValue: true,
        awaitPromise: true,
      }),
    );
  }

  /** Number of events of this name so far. */
  count(event: string): number {
    return this.#seen.filter((name) => name === event).length;
  }

  /** Ends the conversation. */
  close(): void {
    this.#end('the conversation with its inspector has ended');
    this.#socket?.end();
  }

  #hear(text: string): void {
    const { id, method, result, error } = JSON.parse(text) as Answer;
    if (method !== undefined) this.#seen.push(method);
    const pending = id === undefined ? undefined : this.#pending.get(id);
    if (id === undefined || pending === undefined) return;
    this.#pending.delete(id);
    if (error === undefined) pending.resolve(result ?? {});
    else pending.reject(broken(error.message));
  }

  #end(why: string): void {
    this.#gone ??= broken(why);
    for (const { reject } of this.#pending.values()) reject(this.#gone);
    this.#pending.clear();
  }
}

function value({ result, exceptionDetails }: Remote): unknown {
  if (exceptionDetails !== undefined) {
    const { text, exception } = exceptionDetails;
    throw broken(exception?.description ?? (exception === undefined ? text : String(exception.value)));
  }
  return result?.value;
}

function broken(why: string): LastfinError {
  return new LastfinError('LASTFIN_PROBE', `the probe failed in the running process: ${why}`);
}
