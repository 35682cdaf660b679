import type { Position, Resource } from '../probe/protocol.ts';

/** Things of one kind and origin that a test left behind in its own process. */
export type ProcessLeak = {
  resource: Resource;
  /** stable identity: kind and origin, no counts, ports or ids */
  fingerprint: string;
  /** number that was added since the baseline */
  count: number;
  /** lines that made it, most telling first; files as absolute paths */
  where: Position[];
  /** description of one of them */
  sample: string;
  /** holder of it, for collections and for objects that should have been collected */
  path?: string;
  /** number of destroyed sockets that it keeps from the garbage collector */
  alsoRetains?: number;
};
