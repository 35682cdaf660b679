import type { Case } from '../scenario/scenario.ts';

/** What the warm-up says on each connection, whatever the case: one exchange, closed gracefully. */
export const WARM_UP: Pick<Case, 'client' | 'upstream'> = {
  client: [{ kind: 'open' }, { kind: 'send', bytes: 64 }, { kind: 'expect', bytes: 64 }, { kind: 'close' }],
  upstream: [
    { kind: 'expect', bytes: 64 },
    { kind: 'send', bytes: 64 },
    { kind: 'expect-ending', ending: 'end' },
    { kind: 'close' },
  ],
};
