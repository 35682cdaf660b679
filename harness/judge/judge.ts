import type { Entry } from '../journal/entry.ts';
import type { Kind } from '../scenario/suite.ts';
import { activeResourceLeaks } from './leaks/active-resources.ts';
import { announcedInvariant } from './invariants/announced.ts';
import { byteInvariants } from './invariants/bytes.ts';
import { withConsequences } from './consequences.ts';
import { conservation } from './invariants/conservation.ts';
import { lateDrain } from './ending/drain.ts';
import { endLineInvariants } from './invariants/end-lines.ts';
import { diedEarly, readEvidence, type Evidence } from './evidence.ts';
import { excuse } from './excuse.ts';
import { badExit } from './ending/exit.ts';
import { FIDELITIES } from '../fidelities.ts';
import { tooUnreal } from './expectations/fidelity.ts';
import { wrongFigures } from './expectations/figures.ts';
import { gaugeLeaks } from './leaks/gauges.ts';
import { leaks } from './leaks/leaks.ts';
import { withLives } from './lives.ts';
import { connectionsOf } from './leaks/memory.ts';
import { obstructions } from './ending/obstruction.ts';
import { failedLoad } from './expectations/load.ts';
import { failedRecovery } from './expectations/recovery.ts';
import { failedSteps, missedFaults, seenBy, wrongEndings } from './expectations/seen.ts';
import { toRecord } from './tally.ts';
import { endedInRound, terminationsAreJudged, wrongTerminations } from './expectations/terminations.ts';
import type { CaseResult, Finding, Verdict } from './verdict.ts';
import { warnedLeaks, warningsOf } from './leaks/warned.ts';
import { oneLine } from './words.ts';

/**
 * Judges a journal. Pure function: no sockets, timers, clock or randomness, so that a stored journal can be judged again. It
 * never throws on a truncated journal: that is an `error` with the reason.
 *
 * @example
 * import { judge, readJournal } from 'lastfin';
 *
 * const result = judge(await readJournal('reports/latest/journal/faults_client-reset.jsonl'));
 * result.verdict; // such as 'failed'
 * result.findings[0]?.message; // such as '20 open sockets left after 20 connections, from …'
 */
export function judge(journal: readonly Entry[]): CaseResult {
  const evidence = readEvidence(journal);
  if (evidence === undefined) return unreadable(journal);
  if (evidence.skipped !== undefined) {
    const missed = tooUnreal(evidence);
    if (missed.length > 0) return result(evidence, 'failed', missed, evidence.skipped.reason);
    const { reason, want } = evidence.skipped;
    return { ...result(evidence, 'skipped', [], reason), ...(want === undefined ? {} : { want }) };
  }
  const failure = labFailure(evidence);
  if (failure !== undefined) return result(evidence, 'error', [], failure);
  const found = withLives(
    withConsequences(allFindings(evidence), evidence.shutdown),
    evidence.lives,
    reasonsSeen(evidence),
  );
  const gap = missing(evidence, found);
  if (gap !== undefined) return result(evidence, 'error', [], gap);
  const { findings, excused } = excuse(found, evidence.head.excuses ?? []);
  return {
    ...result(evidence, findings.length === 0 ? 'passed' : 'failed', findings),
    ...(excused.length === 0 ? {} : { excused }),
  };
}

function reasonsSeen(evidence: Evidence): string[] {
  const ended = endedInRound(evidence);
  return ended === undefined ? [] : [...ended.incoming.keys(), ...ended.outgoing.keys()];
}

/** Findings of all rules, causes before consequences. */
function allFindings(evidence: Evidence): Finding[] {
  // after a death in mid-round every connection looks wrong: the death is the only finding
  if (diedEarly(evidence)) return [...obstructions(evidence), ...badExit(evidence)];
  // without a look at the target only the peers' observations can be judged
  if (evidence.obstructions.length > 0 && evidence.settled === undefined)
    return [...obstructions(evidence), ...failedSteps(evidence), ...badExit(evidence)];
  const left = [...leaks(evidence), ...gaugeLeaks(evidence)];
  left.push(...warnedLeaks(evidence, left));
  if (left.length === 0) left.push(...activeResourceLeaks(evidence));
  const exit = badExit(evidence, left);
  return [
    ...exit.filter((finding) => finding.kind === 'crash'),
    ...obstructions(evidence),
    ...left,
    ...wrongTerminations(evidence),
    ...wrongEndings(evidence),
    ...failedSteps(evidence),
    ...missedFaults(evidence),
    ...conservation(evidence),
    ...endLineInvariants(evidence),
    ...byteInvariants(evidence),
    ...announcedInvariant(evidence),
    ...wrongFigures(evidence),
    ...failedRecovery(evidence),
    ...failedLoad(evidence),
    ...tooUnreal(evidence),
    ...lateDrain(evidence, left.length > 0),
    ...exit.filter((finding) => finding.kind !== 'crash'),
  ];
}

/** Most characters of a lab error, which may have a stack trace. */
const LONGEST_REASON = 2000;

/** Reason why the lab failed; undefined if it did not, or if the target's death caused it. */
function labFailure(evidence: Evidence): string | undefined {
  const first = evidence.labErrors[0];
  if (first === undefined) return undefined;
  // a probe that falls silent because the target died is no failure of the lab
  const died = evidence.exit !== undefined && !evidence.exit.asked;
  if (died && evidence.labErrors.every(({ code }) => code === 'LASTFIN_PROBE')) return undefined;
  return `${first.code}: ${first.message.trim().slice(0, LONGEST_REASON)}`;
}

/** Entries that a journal lacks, without which it cannot be judged. */
function missing(evidence: Evidence, findings: Finding[]): string | undefined {
  if (evidence.exit === undefined && evidence.head.attached === undefined) {
    const where =
      evidence.phase === undefined ? 'before the first phase' : `in the ${evidence.phase.phase} phase`;
    return `the journal ends early, ${where}: the target's exit is missing`;
  }
  if (diedEarly(evidence) || evidence.obstructions.length > 0) return undefined;
  if (evidence.baseline === undefined) return 'the journal has no baseline sample';
  if (evidence.shutdown) {
    const blind = terminationsAreJudged(evidence) && endedInRound(evidence) === undefined;
    if (!blind || findings.length > 0) return undefined;
    return 'the target exited before a sample could be taken and publishes no end lines: how its connections ended is not known';
  }
  if (evidence.settled === undefined && evidence.reports.settled === undefined) {
    return 'the journal has no look at the target after settling';
  }
  return undefined;
}

function result(evidence: Evidence, verdict: Verdict, findings: Finding[], reason?: string): CaseResult {
  const { id, scenario, cell, about, source, target, seed, kind } = evidence.case;
  const ended = endedInRound(evidence);
  const warnings = warningsOf(evidence);
  const ran = evidence.connections.some((one) => one.round === 1);
  const lowest = FIDELITIES.findLast((one) => evidence.faults.some(({ fidelity }) => fidelity === one));
  return {
    id,
    scenario,
    cell,
    about,
    source,
    target,
    connections: evidence.case.connections.count,
    seed,
    // journals of lastfin 0.1 lack the kind
    ...((kind as Kind | undefined) === undefined ? {} : { kind }),
    verdict,
    ...(reason === undefined ? {} : { reason }),
    findings,
    ...(evidence.drain?.drained === true ? { drain: evidence.drain.took } : {}),
    ...memoryEach(evidence),
    took: evidence.took,
    ...((evidence.exit?.starved ?? 0) > 0 ? { starved: evidence.exit?.starved } : {}),
    terminations: {
      incoming: toRecord(ended?.incoming ?? new Map()),
      outgoing: toRecord(ended?.outgoing ?? new Map()),
    },
    ...(ran
      ? {
          seen: {
            client: toRecord(seenBy(evidence, 'client')),
            upstream: toRecord(seenBy(evidence, 'upstream')),
          },
        }
      : {}),
    ...ignored(evidence),
    ...(evidence.advanced.length === 0 ? {} : { advanced: advanced(evidence) }),
    ...(lowest === undefined ? {} : { fidelity: lowest }),
    ...(evidence.head.lab === undefined ? {} : { lab: evidence.head.lab }),
    ...(evidence.blind.length === 0 ? {} : { blind: evidence.blind }),
    ...(warnings.length === 0 ? {} : { warnings }),
    ...(evidence.opaque === undefined ? {} : { opaque: evidence.opaque }),
  };
}

/** Growth per connection, bytes: the figure that a leak of memory is judged by. */
function memoryEach({ memory }: Evidence): Pick<CaseResult, 'memoryEach'> {
  const last = memory.at(-1);
  const connections = connectionsOf(memory);
  if (last === undefined || connections === 0) return {};
  return { memoryEach: Math.max(0, Math.round(((last.memory - last.before) * 1024) / connections)) };
}

function ignored({ reports }: Evidence): Pick<CaseResult, 'ignored'> {
  const last = (reports.confirmed ?? reports.settled)?.ignored;
  return last === undefined || last.length === 0 ? {} : { ignored: last };
}

function advanced(evidence: Evidence): NonNullable<CaseResult['advanced']> {
  return {
    ms: evidence.advanced.reduce((sum, { ms, left }) => sum + ms - left, 0),
    notShifted: [...new Set(evidence.advanced.flatMap(({ notShifted }) => notShifted))],
  };
}

/** Result for a journal without its case: an error with the reason. */
function unreadable(journal: readonly Entry[]): CaseResult {
  const lab = journal.find((entry) => entry.type === 'lab-error');
  const cause = lab?.type === 'lab-error' ? ` (${lab.code}: ${oneLine(lab.message)})` : '';
  return {
    id: 'unknown',
    scenario: 'unknown',
    cell: {},
    about: '',
    source: { file: '', line: 1, column: 1 },
    target: '',
    seed: 0,
    verdict: 'error',
    reason:
      journal.length === 0 ? 'the journal is empty' : `the journal does not begin with its case${cause}`,
    findings: [],
    took: journal.at(-1)?.t ?? 0,
    terminations: { incoming: {}, outgoing: {} },
  };
}
