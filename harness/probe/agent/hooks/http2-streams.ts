/**
 * Records where a program opened a stream of HTTP/2 as a client.
 */
import type * as nodeHttp2 from 'node:http2';
import { hostModule } from '../base/built-ins.ts';
import { replace } from '../base/hook.ts';
import { StackBudget } from '../base/stack-budget.ts';
import { capture, type Captured } from '../base/stacks.ts';
import { noteUnseen } from './activity.ts';

const streams = new StackBudget();

/** Starts recording; `keep` gets each stream with its stack. The class of sessions is reached by the first one. */
export function keepOnStreams(keep: (stream: object, stack: Captured) => void): void {
  const http2 = hostModule('node:http2') as typeof nodeHttp2;
  let isHooked = false;
  replace(http2, 'connect', (connect) => {
    return function replaced(this: unknown, ...given) {
      const session = Reflect.apply(connect, this, given) as nodeHttp2.ClientHttp2Session;
      // only a heap walk finds sessions and streams
      noteUnseen();
      if (!isHooked) hookRequest(Object.getPrototypeOf(session) as object, keep);
      isHooked = true;
      return session;
    };
  });
}

function hookRequest(prototype: object, keep: (stream: object, stack: Captured) => void): void {
  replace(prototype, 'request', (request) => {
    return function replaced(this: unknown, ...given) {
      const stream = Reflect.apply(request, this, given) as object;
      noteUnseen();
      if (streams.isWanted()) keep(stream, capture(replaced));
      return stream;
    };
  });
}
