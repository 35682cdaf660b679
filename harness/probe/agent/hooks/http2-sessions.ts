/**
 * Records the session of each HTTP/2 connection that a server of the program has accepted: no property of the socket leads to it.
 */
import type nodeHttp2 from 'node:http2';
import { behind } from '../base/behind.ts';
import { hostModule, HostWeakRef } from '../base/built-ins.ts';
import { onUndo, replace, type Method } from '../base/hook.ts';

/** Held weakly: a socket that is kept for long must not keep its session, which the program has let go. */
const sessions = new WeakMap<object, WeakRef<nodeHttp2.ServerHttp2Session>>();

/** Starts recording. The classes of servers are reached by the first server of each. */
export function followServerSessions(): void {
  const http2 = hostModule('node:http2') as typeof nodeHttp2;
  for (const name of ['createServer', 'createSecureServer']) {
    let isHooked = false;
    replace(http2, name, (create) => {
      return function replaced(this: unknown, ...given) {
        const server = Reflect.apply(create, this, given) as object;
        if (!isHooked) hookEmit(Object.getPrototypeOf(server) as object);
        isHooked = true;
        return server;
      };
    });
  }
}

/** Session on a socket of a server. */
export function serverSessionOn(socket: object): nodeHttp2.ServerHttp2Session | undefined {
  return sessions.get(socket)?.deref();
}

/** Inserts a method before the inherited one: a listener of the probe's own would count among the program's. */
function hookEmit(prototype: object): void {
  const inherited = Reflect.get(prototype, 'emit') as Method;
  Object.defineProperty(prototype, 'emit', { value: inherited, configurable: true, writable: true });
  replace(prototype, 'emit', () => {
    return function replaced(this: unknown, ...given) {
      if (given[0] === 'session') note(given[1] as nodeHttp2.ServerHttp2Session);
      return Reflect.apply(inherited, this, given);
    };
  });
  onUndo(() => Reflect.deleteProperty(prototype, 'emit'));
}

function note(session: nodeHttp2.ServerHttp2Session): void {
  const socket = behind(session, 'socket');
  if (typeof socket === 'object' && socket !== null) sessions.set(socket, new HostWeakRef(session));
}
