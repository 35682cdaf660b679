import type { Evidence, SampleAt } from '../evidence.ts';
import { fingerprint } from '../fingerprint.ts';
import { figure, growth, total } from '../tally.ts';
import type { Invariant } from '../verdict.ts';
import { oneLine } from '../words.ts';

/** Names of gauges for live outgoing sockets, as targets publish them. */
const OUTGOING_GAUGES = ['outgoing', 'outgoing_active'] as const;

/**
 * Checks at every look since the baseline that each accepted connection has ended or is still there. Only the first violation is
 * reported, as later ones follow from it; a negative count is reported alone, since it makes every sum wrong.
 */
export function conservation(evidence: Evidence): Invariant[] {
  const { baseline, head } = evidence;
  const negative = firstOf(evidence.samples, belowZero);
  if (negative !== undefined) return [negative];
  if (baseline === undefined || !head.publishes.terminations) return [];
  const later = evidence.samples.filter((sample) => sample.index > baseline.index);
  const incoming = firstOf(later, (sample) => incomingConserved(baseline, sample));
  const outgoing = firstOf(later, (sample) => outgoingConserved(baseline, sample));
  return [...(incoming === undefined ? [] : [incoming]), ...(outgoing === undefined ? [] : [outgoing])];
}

function firstOf(
  samples: SampleAt[],
  check: (sample: SampleAt) => Invariant | undefined,
): Invariant | undefined {
  for (const sample of samples) {
    const invariant = check(sample);
    if (invariant !== undefined) return invariant;
  }
  return undefined;
}

function belowZero({ at, sample }: SampleAt): Invariant | undefined {
  const entry = Object.entries(sample.gauges).find(([, value]) => value < 0);
  if (entry === undefined) return undefined;
  const detail = `the gauge \`${oneLine(entry[0], 60)}\` is ${entry[1]} (${at} sample)`;
  return {
    kind: 'invariant',
    invariant: 'conservation',
    fingerprint: fingerprint('invariant conservation below zero', entry[0]),
    message: `more was taken off a count than was put on: ${detail}`,
    detail,
  };
}

/** Checks accepted = Σ incoming reasons + records, each as the growth since the baseline. */
function incomingConserved(baseline: SampleAt, { at, sample }: SampleAt): Invariant | undefined {
  const before = baseline.sample;
  if (!Object.hasOwn(sample.counters, 'accepted') || !Object.hasOwn(sample.gauges, 'records'))
    return undefined;
  const accepted = figure(sample.counters, 'accepted') - figure(before.counters, 'accepted');
  const records = figure(sample.gauges, 'records') - figure(before.gauges, 'records');
  const ends = total(growth(before.terminations.incoming, sample.terminations.incoming));
  if (accepted === ends + records) return undefined;
  const detail = `accepted ${accepted}, ended ${ends}, records ${signed(records)} since the baseline (${at} sample)`;
  // more ends than connections: some ended twice
  if (ends > accepted + figure(before.gauges, 'records')) {
    return {
      kind: 'invariant',
      invariant: 'one-end',
      message: `incoming sides ended more than once: ${detail}`,
      fingerprint: 'invariant one-end incoming',
      detail,
    };
  }
  const off = accepted - ends - records;
  const what =
    off > 0
      ? `${off} accepted connections have neither ended nor a record`
      : `${-off} more ends and records than accepted connections`;
  return {
    kind: 'invariant',
    invariant: 'conservation',
    message: `${what}: ${detail}`,
    fingerprint: `invariant conservation incoming ${off > 0 ? 'too few ends' : 'too many ends'}`,
    detail,
  };
}

/** Checks outgoing_created = Σ outgoing reasons + active; if active is not published, it may be 0 to 1 a record. */
function outgoingConserved(baseline: SampleAt, { at, sample }: SampleAt): Invariant | undefined {
  const before = baseline.sample;
  if (!Object.hasOwn(sample.counters, 'outgoing_created')) return undefined;
  const created = figure(sample.counters, 'outgoing_created') - figure(before.counters, 'outgoing_created');
  const ends = total(growth(before.terminations.outgoing, sample.terminations.outgoing));
  const active = created - ends;
  const gauge = OUTGOING_GAUGES.find((name) => Object.hasOwn(sample.gauges, name));
  let range: [min: number, max: number];
  let activeInWords: string;
  if (gauge !== undefined) {
    const published = figure(sample.gauges, gauge) - figure(before.gauges, gauge);
    range = [published, published];
    activeInWords = `${gauge} ${signed(published)}`;
  } else if (Object.hasOwn(sample.gauges, 'records')) {
    range = [0 - figure(before.gauges, 'records'), figure(sample.gauges, 'records')];
    activeInWords = `records ${figure(sample.gauges, 'records')}`;
  } else return undefined;
  if (active >= range[0] && active <= range[1]) return undefined;
  const detail = `outgoing sockets created ${created}, ended ${ends}, ${activeInWords} since the baseline (${at} sample)`;
  if (active < range[0]) {
    return {
      kind: 'invariant',
      invariant: 'one-end',
      message: `outgoing sides ended more than once: ${detail}`,
      fingerprint: 'invariant one-end outgoing',
      detail,
    };
  }
  const message = `${active - range[1]} outgoing sockets have neither ended nor a record: ${detail}`;
  return {
    kind: 'invariant',
    invariant: 'conservation',
    message,
    fingerprint: 'invariant conservation outgoing too few ends',
    detail,
  };
}

function signed(value: number): string {
  return value > 0 ? `+${value}` : String(value);
}
