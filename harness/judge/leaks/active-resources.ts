import type { Evidence } from '../evidence.ts';
import { holdInWords } from './leaks.ts';
import { type Leak } from '../verdict.ts';
import { figure, growth } from '../tally.ts';
import { plural } from '../words.ts';

/**
 * Resources that Node still counts as active although no suspect explains them. That is evidence, not proof: Node's own timers
 * and look-ups come and go. So they are reported only if nothing else is, and if
 * - the target did not get back to its baseline in time, by the other counts;
 * - there are at least as many as connections, and more than one: a resident does not scale with the traffic;
 * - there are still more after the confirming rounds, if those were run;
 * - the report has no suspect at all, leak or resident.
 */
export function activeResourceLeaks(evidence: Evidence): Leak[] {
  const { baseline, settled, confirmed, released } = evidence;
  const report = evidence.reports.settled;
  if (evidence.shutdown || baseline === undefined || settled === undefined) return [];
  if (evidence.drain?.drained !== false) return [];
  if (report === undefined || report.suspects.length > 0) return [];
  const connections = evidence.case.connections.count;
  const found: Leak[] = [];
  for (const [type, count] of growth(baseline.sample.resources, settled.sample.resources)) {
    if (count < Math.max(2, connections)) continue;
    const base = figure(baseline.sample.resources, type);
    const later = confirmed === undefined ? undefined : figure(confirmed.sample.resources, type) - base;
    if (later !== undefined && later <= count) continue;
    const left =
      released === undefined
        ? undefined
        : { count: Math.max(0, figure(released.sample.resources, type) - base) };
    found.push({
      kind: 'leak',
      message:
        `${count} more active \`${type}\` after ${plural(connections, 'connection', 'connections')} by Node's own count, ` +
        `and nothing else explains them; ${holdInWords(later ?? count, left)}`,
      resource: 'active-resource',
      count,
      fingerprint: `active-resource:${type}`,
      where: [],
      sample: `${type}: ${base + count}, ${base} at the baseline`,
      hold: left === undefined || left.count > 0 ? 'hard' : 'peer-held',
    });
  }
  return found;
}
