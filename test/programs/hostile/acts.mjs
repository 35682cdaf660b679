// Hostile acts. `start`: once it listens; `later`: in the judged round; `stop`: on SIGTERM.
import childProcess, { execSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import inspector from 'node:inspector';
import net from 'node:net';
import { Worker } from 'node:worker_threads';

const fail = () => {
  throw new Error('poisoned');
};
const forever = () => {
  for (;;);
};
/** Replaces every method of an object, but for some. */
function poison(object, ...spared) {
  const define = Reflect.defineProperty;
  for (const key of Reflect.ownKeys(object)) {
    const property = Reflect.getOwnPropertyDescriptor(object, key);
    if (key === 'constructor' || spared.includes(key) || !property.configurable) continue;
    if (typeof property.value === 'function') define(object, key, { ...property, value: fail });
  }
}
const sleep = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

export const none = {};

// --- what the program does to the language: it is looked at all the same
export const frozenError = { start: () => Object.freeze(Error) };
export const readOnlyLimit = {
  start: () => Object.defineProperty(Error, 'stackTraceLimit', { value: 3, writable: false, configurable: false }),
};
export const noStacks = { start: () => void (Error.stackTraceLimit = 0) };
export const prepareThrows = { start: () => void (Error.prepareStackTrace = fail) };
export const noCapture = { start: () => void (Error.captureStackTrace = fail) };
export const patchedJson = { start: () => poison(JSON) };
export const lyingJson = { start: () => void (JSON.stringify = () => '"x"') };
export const patchedMap = { start: () => [Map, WeakMap, Set, WeakSet, WeakRef].forEach((one) => poison(one.prototype)) };
export const patchedArray = { start: () => poison(Array.prototype) };
export const patchedIterators = {
  start: () => {
    for (const one of [[][Symbol.iterator](), new Map()[Symbol.iterator](), new Set()[Symbol.iterator](), ''[Symbol.iterator]()])
      poison(Object.getPrototypeOf(one));
    poison(Object.getPrototypeOf(function* () {}.prototype));
  },
};
export const patchedString = { start: () => poison(String.prototype, 'toString', 'valueOf') };
export const patchedRegExp = { start: () => poison(RegExp.prototype) };
export const patchedFunction = { start: () => poison(Function.prototype) };
export const patchedPromise = { start: () => [Promise, Promise.prototype].forEach((one) => poison(one)) };
export const patchedObject = { start: () => poison(Object) };
export const patchedReflect = { start: () => poison(Reflect) };
export const patchedNumbers = { start: () => [Math, Number, BigInt, Number.prototype].forEach((one) => poison(one)) };
export const patchedBuffer = { start: () => [Buffer, Buffer.prototype].forEach((one) => poison(one, 'constructor')) };
export const setters = {
  start: () => {
    for (const name of ['id', 'ok', 'value', 'get', 'set', 'kind', 'where', 'file', 'line', 'count', 'resource', 'name', 'stack'])
      Object.defineProperty(Object.prototype, name, { configurable: true, set: fail });
  },
};
export const species = {
  start: () => Object.defineProperty(Array, Symbol.species, { configurable: true, get: fail }),
};
export const deletedGlobals = {
  start: () => {
    for (const name of ['Map', 'Set', 'JSON', 'Promise', 'Reflect', 'WeakRef', 'setTimeout', 'setImmediate', 'performance', 'Symbol', 'Array', 'Error', 'process', 'URL', 'EventTarget'])
      delete globalThis[name];
  },
};
export const frozenGlobals = {
  start: () => [globalThis, Object.prototype, Array.prototype, Function.prototype, Map.prototype, Promise.prototype, Promise, Object].forEach((one) => Object.freeze(one)),
};
export const patchedTimers = {
  start: () => {
    globalThis.setTimeout = globalThis.setImmediate = globalThis.clearTimeout = globalThis.clearImmediate = globalThis.queueMicrotask = fail;
    poison(Object.getPrototypeOf(setInterval(() => {}, 1e6).unref()), 'unref');
  },
};
export const patchedProcess = {
  start: () => {
    for (const name of ['on', 'kill', 'exit', 'getActiveResourcesInfo', '_getActiveHandles', 'nextTick', 'memoryUsage', 'hrtime', 'emitWarning', 'getBuiltinModule'])
      process[name] = fail;
    process.pid;
  },
};
export const patchedModules = {
  start: () => {
    for (const name of ['readdirSync', 'readlinkSync', 'readFileSync', 'openSync', 'realpathSync']) fs[name] = fail;
    poison(inspector.Session.prototype);
    inspector.Session = fail;
    childProcess.spawn = fail;
    performance.now = fail;
  },
};
export const patchedSockets = {
  start: () => {
    for (const name of ['setEncoding', 'address', 'unref', 'ref']) net.Socket.prototype[name] = fail;
  },
};
export const noListeners = { start: () => process.removeAllListeners() && void process.on('SIGTERM', () => process.exit(0)) };
export const poisoned = {
  start: () => {
    const { forEach } = { forEach: (list, each) => { for (let i = 0; i < list.length; i++) each(list[i]); } };
    const all = [Array, Map, Set, WeakMap, WeakSet, WeakRef, String, RegExp, Promise, Number, Symbol, Error, Date, BigInt, FinalizationRegistry, Boolean, DataView, ArrayBuffer, Uint8Array, Uint32Array, Proxy];
    const statics = [JSON, Math, Atomics];
    forEach(statics, (one) => poison(one));
    forEach(all, (one) => { if (one.prototype) poison(one.prototype); poison(one); });
    const { Reflect: reflect, Object: object, Function: func } = globalThis;
    poison(func.prototype);
    poison(object);
    poison(reflect);
  },
};

// --- what hangs, stops or breaks the conversation: a finding
export const loops = { later: forever };
export const stopsItself = { later: () => process.kill(process.pid, 'SIGSTOP') };
export const blocksInSync = { later: () => execSync('sleep 60') };
export const blocksInWait = { later: () => sleep(60_000) };
export const promiseLoop = { later: () => { const again = () => Promise.resolve().then(again); void again(); } };
export const tickLoop = { later: () => { const again = () => process.nextTick(again); again(); } };
export const pausesItself = {
  later: () => {
    const session = new inspector.Session();
    session.connect();
    session.post('Debugger.enable');
    session.on('Debugger.paused', forever);
    session.post('Debugger.pause');
  },
};
export const busyThread = { start: () => new Worker(new URL('./busy.mjs', import.meta.url)) };
export const loopsOnStop = { stop: forever };
export const stopsOnStop = { stop: () => process.kill(process.pid, 'SIGSTOP') };
export const closesDescriptors = {
  later: () => {
    for (let fd = 3; fd < 60; fd++) {
      try {
        if (fs.readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:') && isUnix(fd)) fs.closeSync(fd);
      } catch {
        // not open
      }
    }
  },
};
function isUnix(fd) {
  const inode = /\d+/.exec(fs.readlinkSync(`/proc/self/fd/${fd}`))[0];
  return fs.readFileSync('/proc/self/net/unix', 'utf8').includes(inode);
}
const say = (text) => () => {
  for (let fd = 3; fd < 60; fd++) {
    try {
      if (fs.readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:') && isUnix(fd)) fs.writeSync(fd, text);
    } catch {
      // not open
    }
  }
};
export const saysNull = { later: say('null\n') };
export const saysText = { later: say('"x"\n') };
export const saysNoise = { later: say('\0\u0001 { [ \n\n') };
export const saysList = { later: say('[1,2]\n{"id":"x"}\n') };
export const saysReport = { later: say(Array.from({ length: 60 }, (_, id) => `{"id":${id},"ok":{"suspects":7}}\n`).join('')) };
export const stopsHarness = { later: () => process.kill(process.ppid, 'SIGSTOP') };

// --- ends that nobody asked for: a crash
export const exitsZero = { later: () => process.reallyExit(0) };
export const exitsSoon = { start: () => setTimeout(() => process.reallyExit(0), 400).unref() };
export const killsItself = { later: () => process.kill(process.pid, 'SIGKILL') };
export const throws = { later: () => setImmediate(fail) };

// --- much of something
export const longLine = {
  start: () => {
    const piece = Buffer.alloc(2 ** 20, 'x');
    let left = 300;
    const more = () => left-- > 0 && process.stdout.write(piece, () => setImmediate(more));
    more();
  },
};
export const manyEnds = {
  start: () => {
    const piece = Array.from({ length: 50_000 }, (_, id) => `end ${id}\n`).join('');
    let left = 20;
    const more = () => left-- > 0 && process.stdout.write(piece, () => setImmediate(more));
    more();
  },
};
export const manyTimers = { start: () => { for (let i = 0; i < 150_000; i++) setTimeout(() => {}, 600_000).unref(); } };
export const timersLater = { later: () => { for (let i = 0; i < 150_000; i++) setTimeout(() => {}, 600_000).unref(); } };
export const manyImmediates = { later: () => { const again = () => setImmediate(again); for (let i = 0; i < 1000; i++) again(); } };
export const deepList = { start: () => { let list = null; for (let i = 0; i < 500_000; i++) list = { next: list }; globalThis.kept = list; } };
export const daemon = {
  later: () => {
    const script = `(setsid sleep 30 >/dev/null 2>&1 </dev/null &) `;
    spawn('/bin/sh', ['-c', script], { detached: true, stdio: 'ignore', env: {} }).unref();
  },
};
