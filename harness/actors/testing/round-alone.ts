import { Round } from '../round.ts';
import type { RoundServices } from '../round-services.ts';

/** Round of actors without a harness around it: nobody tells live counts, and nothing keeps the machine from them. */
export function roundAlone(connections: number, seen: Pick<RoundServices, 'streamsAnswers'> = {}): Round {
  return new Round(1, connections, {
    ...seen,
    signal: new AbortController().signal,
    readRecords: async () => undefined,
    readConnecting: () => undefined,
    advanceTarget: async () => 0,
    lookAtTarget: async () => undefined,
    startClock: (limit) => {
      const end = performance.now() + limit;
      return {
        get remaining() {
          return end - performance.now();
        },
      };
    },
  });
}
