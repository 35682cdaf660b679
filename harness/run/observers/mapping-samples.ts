import type { Observer } from '../../probe/observer.ts';
import type { Sample } from '../../probe/protocol.ts';

/** Passes each sample of an observer through `map`; all else is the observer's own. */
export function mappingSamples(
  observer: Observer,
  map: (sample: Sample) => Sample | Promise<Sample>,
): Observer {
  return {
    get blind() {
      return observer.blind;
    },
    sample: async () => map(await observer.sample()),
    baseline: () => observer.baseline(),
    report: (options) => observer.report(options),
    memory: () => observer.memory(),
    objects: (connections) => observer.objects(connections),
    memoryKind: observer.memoryKind,
    arm: (options) => observer.arm(options),
    explain: () => observer.explain(),
    alive: () => observer.alive(),
  };
}
