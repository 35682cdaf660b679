import type { Pipe } from '../pipe.ts';
import { FramePipe } from '../websocket/frame-pipe.ts';
import { H2Pipe } from './h2-pipe.ts';

/** Stream of HTTP/2 that a pipe is, or whose bytes it frames; undefined if there is none. */
export function h2Of(pipe: Pipe | undefined): H2Pipe | undefined {
  const carrier = pipe instanceof FramePipe ? pipe.inner : pipe;
  return carrier instanceof H2Pipe ? carrier : undefined;
}
