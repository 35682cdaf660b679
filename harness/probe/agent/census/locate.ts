/**
 * Positions of callbacks, requested from V8 only when needed.
 */
import type { Inspection, Internals } from '../base/inspection.ts';
import { keepOut, isUserScript } from '../base/own.ts';
import type { Position } from '../../protocol.ts';
import { pathOf } from '../base/stacks.ts';

/** Identity of a callback, cheap to compare: equal for closures created on the same line. */
export type Callback = { key: string; boundThis?: object; internals: Internals };

/** Most callbacks that V8 is asked for one by one, at 0.1 ms each; beyond that, equal source texts count as one line. */
const ASKED = 20_000;
const NATIVE = '[native code]';
// oxlint-disable-next-line typescript/unbound-method -- called with `call`; the function's own may be the program's
const textOf = Function.prototype.toString;

export class Locator {
  readonly #inspection: Inspection;
  readonly #known = keepOut(new Map<object, Callback>());
  /** callbacks by source text, once the limit is reached */
  readonly #byText = keepOut(new Map<string, Callback>());

  constructor(inspection: Inspection) {
    this.#inspection = inspection;
  }

  /** Identifies a callback, looking through `once` wrappers and bound functions. */
  callback(listener: unknown): Callback {
    const beneath = unwrap(listener);
    if (!beneath) return { key: 'none', internals: {} };
    const known = this.#known.get(beneath);
    if (known) return known;
    const text = this.#known.size < ASKED ? undefined : textOf.call(beneath);
    const same = text === undefined ? undefined : this.#byText.get(text);
    if (same) return same;
    const internals = this.#inspection.internalsOf(beneath);
    const { location, boundThis } = internals;
    const key = location ? `${location.scriptId}:${location.lineNumber}:${location.columnNumber}` : 'native';
    const callback: Callback = { key, internals, ...(boundThis ? { boundThis } : {}) };
    if (this.#known.size < ASKED) this.#known.set(beneath, callback);
    else if (location && !boundThis && text !== undefined && !text.includes(NATIVE))
      this.#byText.set(text, callback);
    return callback;
  }

  /** Position of a callback, in user code or in Node. */
  async position(listener: unknown): Promise<(Position & { user: boolean }) | undefined> {
    if (!this.callback(listener).internals.location) return undefined;
    return this.#positionIn(await this.#inspection.urls(), listener);
  }

  #positionIn(
    urls: ReadonlyMap<string, string>,
    listener: unknown,
  ): (Position & { user: boolean }) | undefined {
    const { location } = this.callback(listener).internals;
    if (location === undefined) return undefined;
    const { scriptId, lineNumber, columnNumber } = location;
    const url = urls.get(scriptId) ?? '';
    const name = nameOf(unwrap(listener));
    return {
      file: pathOf(url),
      line: lineNumber + 1,
      column: columnNumber + 1,
      ...(name ? { name } : {}),
      user: isUserScript(url),
    };
  }

  /** Positions of the callbacks that are user code, each line once. */
  async userPositions(listeners: Iterable<unknown>): Promise<Position[]> {
    const byKey = new Map<string, Position>();
    for (const listener of listeners) {
      const position = await this.position(listener);
      if (!position?.user) continue;
      const { user: _, ...rest } = position;
      byKey.set(this.callback(listener).key, rest);
    }
    return [...byKey.values()];
  }

  /** The same without waiting, for the end of a program. */
  userPositionsNow(listeners: Iterable<unknown>): Position[] {
    const byKey = new Map<string, Position>();
    for (const listener of listeners) {
      const position = this.#positionIn(this.#inspection.urlsNow(), listener);
      if (!position?.user) continue;
      const { user: _, ...rest } = position;
      byKey.set(this.callback(listener).key, rest);
    }
    return [...byKey.values()];
  }

  /** Releases the functions. */
  forget(): void {
    this.#known.clear();
    this.#byText.clear();
  }
}

function unwrap(listener: unknown): object | undefined {
  let beneath = listener;
  for (let depth = 0; depth < 4; depth++) {
    const inner: unknown =
      typeof beneath === 'function' ? (beneath as { listener?: unknown }).listener : undefined;
    if (typeof inner !== 'function') break;
    beneath = inner;
  }
  // an EventTarget accepts objects with handleEvent
  if (typeof beneath === 'object' && beneath !== null) {
    const handle = (beneath as { handleEvent?: unknown }).handleEvent;
    if (typeof handle === 'function') return handle;
  }
  return typeof beneath === 'function' ? beneath : undefined;
}

function nameOf(callback: object | undefined): string {
  const name = callback && Object.getOwnPropertyDescriptor(callback, 'name')?.value;
  return typeof name === 'string' ? name.replace(/^bound /, '') : '';
}
