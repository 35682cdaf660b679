import type { Evidence } from '../evidence.ts';
import { fingerprint } from '../fingerprint.ts';
import type { Finding } from '../verdict.ts';
import { oneLine } from '../words.ts';

/** Findings for a target that kept the harness from looking at it: a hang, a stopped process, a broken probe connection. */
export function obstructions({ obstructions: seen }: Evidence): Finding[] {
  return seen.map(({ what, detail, phase }) => {
    const when = phase === undefined ? '' : ` in the ${phase.phase} phase of round ${phase.round}`;
    const how = detail === '' ? '' : `: ${oneLine(detail, 300)}`;
    return {
      kind: 'obstruction',
      message: `${what}${when}${how}`,
      detail,
      fingerprint: fingerprint('obstruction', what),
    };
  });
}
