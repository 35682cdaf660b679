import { namespaceObstacle, type Obstacle } from './namespace.ts';

/** Knowledge of the machine, asked once before a run. */
export type Machine = {
  /** why cases cannot have a network of their own; absent where they can */
  namespace?: Obstacle;
};

/** Asks the machine what it can do. */
export async function examineMachine(): Promise<Machine> {
  const namespace = await namespaceObstacle();
  return namespace === undefined ? {} : { namespace };
}
