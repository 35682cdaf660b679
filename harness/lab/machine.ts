import { existsSync } from 'node:fs';

import type { Want } from '../want.ts';
import { namespaceObstacle, type Obstacle } from './namespace.ts';

/** Knowledge of the machine, asked once before a run. */
export type Machine = {
  /** why cases cannot have a network of their own; absent where they can */
  namespace?: Obstacle;
  /** the kernel's table of TCP sockets, which tells of connects that are pending; absent where it can be read */
  noSocketTable?: Want;
};

const SOCKET_TABLE = '/proc/self/net/tcp';

/** Asks the machine what it can do. */
export async function examineMachine(): Promise<Machine> {
  const namespace = await namespaceObstacle();
  return {
    ...(namespace === undefined ? {} : { namespace }),
    ...(existsSync(SOCKET_TABLE)
      ? {}
      : { noSocketTable: { what: SOCKET_TABLE, mend: 'run on Linux, with /proc mounted' } }),
  };
}
