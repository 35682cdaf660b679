import { createHash } from 'node:crypto';

import { safeJson } from '../files/json.ts';
import { plainLine } from '../plain-text.ts';
import type { RunReport } from '../run-report.ts';
import { identityOf } from '../identity-of.ts';
import { adviceOf, type PlacedCause, placedCauses, placeElsewhere } from './placed-causes.ts';
import type { Roots } from './repository-path.ts';

/** Kinds that bring a gateway down; others are major. */
const CRITICAL: ReadonlySet<string> = new Set(['leak', 'crash', 'obstruction']);

/**
 * The causes of a run as a Code Quality report of GitLab: one entry a cause. Those of which no line lies in the repository are
 * put at the name of their file, since an entry must have a path.
 *
 * @example
 * writeFileSync('gl-code-quality-report.json', toCodeQuality(report, { cwd: '/repo', root: '/repo' }));
 */
export function toCodeQuality(report: RunReport, roots: Roots): string {
  return `${safeJson(placedCauses(report, roots).map(entryOf), 2)}\n`;
}

function entryOf(placed: PlacedCause): unknown {
  const { cause, rule, flaky, known, place = placeElsewhere(placed) } = placed;
  return {
    type: 'issue',
    description: plainLine(cause.message),
    check_name: rule,
    content: { body: adviceOf(placed).join('\n') },
    categories: ['Bug Risk'],
    // of the cause, not of its line: an entry stays the same when lines move
    fingerprint: createHash('sha256').update(identityOf(cause)).digest('hex'),
    severity:
      known !== undefined ? 'info' : flaky ? 'minor' : CRITICAL.has(cause.kind) ? 'critical' : 'major',
    location: {
      path: place.file,
      lines: { begin: place.line },
    },
  };
}
