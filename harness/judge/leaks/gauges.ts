import type { Evidence } from '../evidence.ts';
import { holdInWords } from './leaks.ts';
import { type Leak } from '../verdict.ts';
import { figure } from '../tally.ts';
import { oneLine, plural } from '../words.ts';

/** Leaks by published gauges, such as `records`, that are not back at their baseline. */
export function gaugeLeaks(evidence: Evidence): Leak[] {
  const { baseline, settled, confirmed, released } = evidence;
  if (evidence.shutdown || baseline === undefined || settled === undefined) return [];
  const found: Leak[] = [];
  for (const [name, value] of Object.entries(settled.sample.gauges)) {
    const base = figure(baseline.sample.gauges, name);
    const count = value - base;
    if (count <= 0) continue;
    const before =
      Math.max(value, confirmed === undefined ? 0 : figure(confirmed.sample.gauges, name)) - base;
    const left =
      released === undefined
        ? undefined
        : { count: Math.max(0, figure(released.sample.gauges, name) - base) };
    const connections = plural(evidence.case.connections.count, 'connection', 'connections');
    found.push({
      kind: 'leak',
      message:
        `the target's own count \`${oneLine(name, 60)}\` is ${count} above the baseline after ${connections} ` +
        `(${base} → ${value}); ${holdInWords(before, left)}`,
      resource: 'record',
      count,
      fingerprint: `gauge:${name}`,
      where: [],
      sample: `${name}: ${value}, ${base} at the baseline`,
      hold: left === undefined || left.count > 0 ? 'hard' : 'peer-held',
    });
  }
  return found;
}
