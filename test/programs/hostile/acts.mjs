// Hostile acts. `start`: once it listens; `later`: in the judged round; `stop`: on SIGTERM.
import childProcess, { execSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import inspector from 'node:inspector';
import net from 'node:net';
import path from 'node:path';
import util from 'node:util';
import v8 from 'node:v8';
import vm from 'node:vm';
import http from 'node:http';
import events, { EventEmitter } from 'node:events';
import url from 'node:url';
import async_hooks from 'node:async_hooks';
import diagnostics from 'node:diagnostics_channel';
import stream from 'node:stream';
import { Worker } from 'node:worker_threads';

const fail = () => {
  throw new Error('poisoned');
};
const forever = () => {
  for (;;);
};
/** Whether the function that has called the one that calls this is the probe's. */
const { captureStackTrace } = Error;
const { defineProperty, getOwnPropertyDescriptor, ownKeys, apply, construct } = Reflect;
function isProbe(above) {
  const frames = {};
  const { prepareStackTrace, stackTraceLimit } = Error;
  Error.stackTraceLimit = 1;
  Error.prepareStackTrace = (_, sites) => sites[0]?.getFileName() ?? '';
  captureStackTrace(frames, above);
  const file = frames.stack;
  Error.prepareStackTrace = prepareStackTrace;
  Error.stackTraceLimit = stackTraceLimit;
  return includes(file, 'preload');
}
// oxlint-disable-next-line typescript/unbound-method -- called with `apply`
const { includes: textIncludes } = String.prototype;
const includes = (one, other) => apply(textIncludes, one, [other]);
/**
 * Replaces every method of an object by one that fails where the probe calls it: Node's own code needs many of them, and the program
 * would be broken by one that always fails.
 */
function poison(object, ...spared) {
  const keys = ownKeys(object);
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index];
    const property = getOwnPropertyDescriptor(object, key);
    let isSpared = key === 'constructor' || key === 'prototype' || !property.configurable;
    for (let at = 0; at < spared.length; at++) isSpared ||= spared[at] === key;
    if (isSpared) continue;
    for (const part of ['value', 'get', 'set']) {
      const original = property[part];
      if (typeof original !== 'function') continue;
      const isClass = original.prototype !== undefined;
      const replaced = function (...given) {
        if (isProbe(replaced))
          throw new Error(`the probe uses ${typeof key === 'symbol' ? 'a symbol' : key} of the program`);
        return new.target
          ? construct(original, given, new.target === replaced ? original : new.target)
          : apply(original, this, given);
      };
      if (isClass) {
        replaced.prototype = original.prototype;
        Object.setPrototypeOf(replaced, original);
      }
      property[part] = replaced;
    }
    defineProperty(object, key, property);
  }
}
const sleep = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

export const none = {};

// --- what the program does to the language: it is looked at all the same
export const frozenError = { start: () => Object.freeze(Error) };
export const readOnlyLimit = {
  start: () =>
    Object.defineProperty(Error, 'stackTraceLimit', { value: 3, writable: false, configurable: false }),
};
export const noStacks = { start: () => void (Error.stackTraceLimit = 0) };
export const prepareThrows = { start: () => void (Error.prepareStackTrace = fail) };
export const noCapture = { start: () => void (Error.captureStackTrace = fail) };
export const patchedJson = { start: () => poison(JSON) };
export const lyingJson = { start: () => void (JSON.stringify = () => '"x"') };
export const patchedMap = {
  start: () => [Map, WeakMap, Set, WeakSet, WeakRef].forEach((one) => poison(one.prototype)),
};
export const patchedArray = { start: () => poison(Array.prototype) };
export const patchedIterators = {
  start: () => {
    for (const one of [
      [][Symbol.iterator](),
      new Map()[Symbol.iterator](),
      new Set()[Symbol.iterator](),
      ''[Symbol.iterator](),
    ])
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
export const patchedNumbers = {
  start: () => [Math, Number, BigInt, Number.prototype].forEach((one) => poison(one)),
};
export const patchedBuffer = {
  start: () => [Buffer, Buffer.prototype].forEach((one) => poison(one, 'constructor')),
};
export const setters = {
  start: () => {
    for (const name of [
      'ok',
      'kind',
      'where',
      'file',
      'line',
      'count',
      'resource',
      'suspect',
      'causes',
      'seen',
      'fingerprint',
      'rule',
    ])
      defineProperty(Object.prototype, name, { configurable: true, set: fail });
  },
};
export const species = {
  start: () => poison(Array),
};
export const deletedGlobals = {
  start: () => {
    for (const name of [
      'Map',
      'Set',
      'JSON',
      'Promise',
      'Reflect',
      'WeakRef',
      'setTimeout',
      'setImmediate',
      'performance',
      'Symbol',
      'Array',
      'Error',
      'process',
      'URL',
      'EventTarget',
    ])
      delete globalThis[name];
  },
};
export const frozenGlobals = {
  start: () =>
    [
      globalThis,
      Object.prototype,
      Array.prototype,
      Function.prototype,
      Map.prototype,
      Promise.prototype,
      Promise,
      Object,
    ].forEach((one) => Object.freeze(one)),
};
export const patchedTimers = {
  start: () => {
    const timer = setInterval(() => {}, 1e6).unref();
    poison(Object.getPrototypeOf(timer));
    globalThis.setTimeout =
      globalThis.setImmediate =
      globalThis.clearTimeout =
      globalThis.clearImmediate =
      globalThis.queueMicrotask =
        fail;
  },
};
export const patchedProcess = {
  start: () => [process, performance, EventEmitter.prototype].forEach((one) => poison(one)),
};
export const patchedModules = {
  start: () => {
    for (const one of [
      fs,
      net,
      inspector,
      childProcess,
      path,
      util,
      v8,
      vm,
      http,
      events,
      url,
      async_hooks,
      diagnostics,
    ])
      poison(one);
    poison(inspector.Session.prototype);
    performance.now = fail;
  },
};
export const patchedSockets = {
  start: () => {
    for (const { prototype } of [
      net.Socket,
      net.Server,
      stream,
      stream.Readable,
      stream.Writable,
      stream.Duplex,
      childProcess.ChildProcess,
    ])
      poison(prototype);
  },
};
export const noListeners = {
  start: () => process.removeAllListeners() && void process.on('SIGTERM', () => process.exit(0)),
};
const all = (...acts) => ({
  start: () => {
    for (const { start } of acts) start();
  },
});
export const stacks = all(noStacks, prepareThrows, noCapture, lyingJson);
export const frozen = all(frozenError, frozenGlobals);
export const node = all(patchedTimers, patchedProcess, patchedModules, patchedBuffer);
export const language = all(
  setters,
  species,
  patchedJson,
  patchedMap,
  patchedArray,
  patchedString,
  patchedRegExp,
  patchedPromise,
  patchedNumbers,
  patchedObject,
  patchedReflect,
  patchedIterators,
  patchedFunction,
);

// --- what hangs, stops or breaks the conversation: a finding
export const loops = { later: forever };
export const stopsItself = { later: () => process.kill(process.pid, 'SIGSTOP') };
export const blocksInSync = { later: () => execSync('sleep 60') };
export const blocksInWait = { later: () => sleep(60_000) };
export const promiseLoop = {
  later: () => {
    const again = () => Promise.resolve().then(again);
    void again();
  },
};
export const tickLoop = {
  later: () => {
    const again = () => process.nextTick(again);
    again();
  },
};
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
export const saysReport = {
  later: say(Array.from({ length: 60 }, (_, id) => `{"id":${id},"ok":{"suspects":7}}\n`).join('')),
};
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
export const manyTimers = {
  start: () => {
    for (let i = 0; i < 150_000; i++) setTimeout(() => {}, 600_000).unref();
  },
};
export const timersLater = {
  later: () => {
    for (let i = 0; i < 150_000; i++) setTimeout(() => {}, 600_000).unref();
  },
};
export const manyImmediates = {
  later: () => {
    const again = () => setImmediate(again);
    for (let i = 0; i < 1000; i++) again();
  },
};
export const deepList = {
  start: () => {
    let list = null;
    for (let i = 0; i < 500_000; i++) list = { next: list };
    globalThis.kept = list;
  },
};
export const daemon = {
  each: () => {
    const script = `(setsid sleep 30 >/dev/null 2>&1 </dev/null &) `;
    spawn('/bin/sh', ['-c', script], { detached: true, stdio: 'ignore', env: {} }).unref();
  },
};
export const hugeHeap = {
  start: () => {
    globalThis.kept = [];
    for (let i = 0; i < 3_000_000; i++) globalThis.kept.push({ i });
  },
};
