/**
 * Realm for the probe's code, with globals and prototypes of its own and copies of Node's modules, all created before the program starts.
 * The program may then replace or freeze whatever it likes.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';

/** Key under which the realm's global object has {@link Given}. */
export const HOST = Symbol.for('lastfin.host');
/** Name of the realm, as an inspector shows it. */
const REALM = 'lastfin probe';

export type Given = {
  global: typeof globalThis;
  module(name: string): object | undefined;
};

/** Globals of Node that are not part of the language. */
const GLOBALS = [
  'setTimeout',
  'clearTimeout',
  'setImmediate',
  'clearImmediate',
  'Buffer',
  'URL',
  'EventTarget',
  'AbortSignal',
] as const;

/** They, as this file finds them: a test may have put fake timers in their place by the time of its first check. */
const originals = Object.fromEntries(GLOBALS.map((name) => [name, globalThis[name]]));
const now = performance.now.bind(performance);

/** Methods and properties of `process` that the probe uses. */
const PROCESS = [
  'kill',
  'nextTick',
  'uptime',
  'getActiveResourcesInfo',
  '_getActiveHandles',
  'getBuiltinModule',
] as const;

/** Evaluates a bundle in a realm of its own and returns its exports. @param source its text, where its file may be out of reach */
export function openRealm(url: string, source = readFileSync(fileURLToPath(url), 'utf8')): object {
  const realm = vm.createContext(vm.constants.DONT_CONTEXTIFY, { name: REALM }) as typeof globalThis;
  const given: Given = { global: globalThis, module: (name) => process.getBuiltinModule(name) };
  const define = (name: PropertyKey, value: unknown): void => {
    Object.defineProperty(realm, name, { value, writable: true, configurable: true });
  };
  define(HOST, given);
  for (const [name, value] of Object.entries(originals)) define(name, value);
  const { prototype } = realm.Array;
  define('process', processCopy(prototype));
  define('performance', performanceCopy());
  const modules = new realm.Map<string, object>();
  const require = (name: string): object => {
    const known = modules.get(name);
    if (known !== undefined) return known;
    const copy = copyModule(name, prototype);
    modules.set(name, copy);
    return copy;
  };
  const bundle = vm.compileFunction(source, ['require', 'exports', 'bundleUrl'], {
    parsingContext: realm as unknown as vm.Context,
    filename: url,
  });
  const exported = new realm.Object();
  Reflect.apply(bundle, undefined, [require, exported, url]);
  return exported;
}

/** Copies the present exports of a module. Exports that Node creates on first use are created by this. */
function copyModule(name: string, arrayPrototype: object): object {
  const module = process.getBuiltinModule(name) ?? {};
  const copy = Object.create(null) as object;
  for (const key of Object.keys(module)) {
    const property = Object.getOwnPropertyDescriptor(module, key);
    if (property)
      Object.defineProperty(copy, key, adopting(property, ARRAYS.has(key), module, arrayPrototype));
  }
  return copy;
}

/** Functions that return arrays. */
const ARRAYS: ReadonlySet<string> = new Set([
  'readdirSync',
  'getEventListeners',
  'getActiveResourcesInfo',
  '_getActiveHandles',
]);

/** Wraps a function that returns an array, which then gets the array methods of the realm. */
function adopting(
  property: PropertyDescriptor,
  givesArray: boolean,
  self: object,
  arrayPrototype: object,
): PropertyDescriptor {
  const original: unknown = property.value;
  if (!givesArray || typeof original !== 'function') return property;
  const { apply, setPrototypeOf } = Reflect;
  const value = (...given: unknown[]): unknown => {
    const array = apply(original, self, given) as object;
    setPrototypeOf(array, arrayPrototype);
    return array;
  };
  return { ...property, value };
}

function processCopy(arrayPrototype: object): object {
  const copy: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const key of ['pid', 'version', 'argv', 'execPath', 'env', 'platform'] as const)
    copy[key] = process[key];
  copy['argv'] = [...process.argv];
  copy['hrtime'] = { bigint: process.hrtime.bigint.bind(process.hrtime) };
  for (const key of PROCESS) {
    const value: unknown = Reflect.get(process, key);
    if (typeof value !== 'function') continue;
    const bound = { value: value.bind(process) as unknown };
    copy[key] = adopting(bound, ARRAYS.has(key), process, arrayPrototype).value;
  }
  return copy;
}

function performanceCopy(): object {
  const { nodeTiming } = performance;
  return {
    now,
    getEntriesByType: performance.getEntriesByType.bind(performance),
    nodeTiming,
  };
}
