/**
 * In-process inspector, open only during a baseline, a report or a listing.
 */
import inspector from 'node:inspector';
import { adopt, HostFunction, hostGlobal, HostObject, keepMethods, methodsOf } from './built-ins.ts';
import { onUndo } from './hook.ts';
import { keepOut } from './own.ts';

/** Name of the global that hands objects to the inspector. It exists from the start, since the program may freeze its globals. */
const HANDOFF = 'lastfinHandoff';
let handed: unknown;
Object.defineProperty(hostGlobal, HANDOFF, {
  configurable: true,
  get: () => handed,
  set: (value: unknown) => {
    handed = value;
  },
});
onUndo(() => void Reflect.deleteProperty(hostGlobal, HANDOFF));
const GROUP = 'lastfin';

/** Start of a function's source, as V8 knows it: 0-based, in a script known by its number. */
export type ScriptPosition = { scriptId: string; lineNumber: number; columnNumber: number };

/** Hidden properties of a function, from the inspector. */
export type Internals = {
  location?: ScriptPosition;
  /** for a bound function: id of the function beneath */
  target?: string;
  /** for a bound function: its receiver */
  boundThis?: object;
};

type Answer = Record<string, unknown>;
type RemoteProperty = { name: string; value?: { value?: unknown; objectId?: string } };

const sessionMethods = methodsOf(inspector.Session.prototype);

/** Opens an inspector session that the program's changes to its class do not affect. */
export function openSession(): inspector.Session {
  return keepOut(keepMethods(new inspector.Session(), sessionMethods));
}

export class Inspection {
  readonly #session = openSession();
  #scripts: Map<string, string> | undefined;
  readonly #maps = keepOut(new Map<string, string>());

  constructor() {
    this.#session.connect();
  }

  /** Every live object whose prototype chain reaches Object.prototype: one heap walk, after a garbage collection. */
  everything(): object[] {
    return this.#query(HostObject.prototype);
  }

  functions(): CallableFunction[] {
    return this.#query(HostFunction.prototype).filter((object) => typeof object === 'function');
  }

  #query(prototype: object): object[] {
    const prototypeObjectId = this.#idOf(prototype);
    const { objects } = this.#post('Runtime.queryObjects', { prototypeObjectId, objectGroup: GROUP });
    const found = this.#valueOf((objects as { objectId: string }).objectId) as object[];
    this.#post('Runtime.releaseObjectGroup', { objectGroup: GROUP });
    return adopt(found);
  }

  /** Reads the hidden properties of a function: its location, or its bound target. */
  internalsOf(callback: object): Internals {
    const found = this.#internalsOfId(this.#idOf(callback));
    this.#post('Runtime.releaseObjectGroup', { objectGroup: GROUP });
    return found;
  }

  /** Members of a weak set that garbage collection has left. */
  membersOf(set: WeakSet<object>): object[] {
    const answer = this.#post('Runtime.getProperties', { objectId: this.#idOf(set), ownProperties: true });
    const entries = internalProperties(answer).find(({ name }) => name === '[[Entries]]');
    if (!entries?.value?.objectId) throw new Error('the inspector did not tell what a WeakSet holds');
    // the list has no prototype
    const listed = this.#valueOf(entries.value.objectId) as ArrayLike<{ value: object }>;
    const members = Array.from(listed, ({ value }) => value);
    this.#post('Runtime.releaseObjectGroup', { objectGroup: GROUP });
    return members;
  }

  /** URLs of all scripts by number; asks V8 on the first call. */
  async urls(): Promise<ReadonlyMap<string, string>> {
    if (!this.#scripts) {
      const scripts = this.#follow();
      await turn();
      this.#post('Debugger.disable', {});
      this.#scripts = scripts;
    }
    return this.#scripts;
  }

  /** The same at once, for the end of a program: V8 tells of the scripts within the call. */
  urlsNow(): ReadonlyMap<string, string> {
    if (!this.#scripts) {
      this.#scripts = this.#follow();
      this.#post('Debugger.disable', {});
    }
    return this.#scripts;
  }

  #follow(): Map<string, string> {
    const scripts = keepOut(new Map<string, string>());
    this.#session.on('Debugger.scriptParsed', ({ params }) => {
      scripts.set(params.scriptId, params.url);
      if (params.sourceMapURL) this.#maps.set(params.url, params.sourceMapURL);
    });
    this.#post('Debugger.enable', {});
    return scripts;
  }

  /** {@link sourceMaps} at once, for the end of a program. */
  sourceMapsNow(): ReadonlyMap<string, string> {
    this.urlsNow();
    return this.#maps;
  }

  /** Source maps that loaded scripts name, by the script's URL: scripts compiled while loading carry theirs as a `data:` URL. */
  async sourceMaps(): Promise<ReadonlyMap<string, string>> {
    await this.urls();
    return this.#maps;
  }

  collectGarbage(): void {
    this.#post('HeapProfiler.collectGarbage', {});
  }

  close(): void {
    try {
      this.#post('Runtime.discardConsoleEntries', {});
    } finally {
      this.#session.disconnect();
    }
  }

  #internalsOfId(objectId: string): Internals {
    const answer = this.#post('Runtime.getProperties', { objectId, ownProperties: true });
    const found: Internals = {};
    for (const { name, value } of internalProperties(answer)) {
      if (name === '[[FunctionLocation]]') found.location = value?.value as ScriptPosition;
      else if (name === '[[TargetFunction]]' && value?.objectId) {
        const beneath = this.#internalsOfId(value.objectId);
        if (beneath.location) found.location = beneath.location;
      } else if (name === '[[BoundThis]]' && value?.objectId) {
        const receiver = this.#valueOf(value.objectId);
        if (typeof receiver === 'object' && receiver !== null) found.boundThis = receiver;
      }
    }
    return found;
  }

  #idOf(object: object): string {
    handed = object;
    try {
      const { result } = this.#post('Runtime.evaluate', {
        expression: `this.${HANDOFF}`,
        objectGroup: GROUP,
      });
      const id = (result as { objectId?: string }).objectId;
      if (!id) throw new Error('the inspector did not take the object');
      return id;
    } finally {
      handed = undefined;
    }
  }

  #valueOf(objectId: string): unknown {
    try {
      this.#post('Runtime.callFunctionOn', {
        objectId,
        functionDeclaration: `function(){${HANDOFF}=this}`,
      });
      return handed;
    } finally {
      handed = undefined;
    }
  }

  #post(method: string, params: object): Answer {
    let answer: Answer = {};
    let failed: { message: string } | null = null;
    this.#session.post(method, params, (error: Error | null, result?: object) => {
      failed = error;
      answer = (result ?? {}) as Answer;
    });
    if (failed) throw new Error(`${method}: ${(failed as { message: string }).message}`);
    if (typeof answer['exceptionDetails'] === 'object') throw new Error(`${method} threw in the target`);
    return answer;
  }
}

function internalProperties(answer: Answer): RemoteProperty[] {
  return adopt((answer['internalProperties'] ?? []) as RemoteProperty[]);
}

const realImmediate = setImmediate;

/** Waits for one turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => realImmediate(resolve));
}
