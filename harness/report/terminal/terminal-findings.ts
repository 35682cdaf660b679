import { causesIn } from '../case-causes.ts';
import { duration } from '../duration.ts';
import { isExempt } from '../exit-code.ts';
import { findingText, place, type Fact } from '../finding-text.ts';
import { MARKS, type Palette } from './palette.ts';
import { notSeen } from '../not-seen.ts';
import { firstLine, plainLine, plainText } from '../plain-text.ts';
import type { ReportedCase } from '../reported-case.ts';
import { wrap, wrapIndented } from './wrap.ts';

const LABEL = 10;

/** Line for a case: `✓ passed  faults/client-reset[phase=idle]  1.2s`. */
export function caseLine(result: ReportedCase, paint: Palette): string {
  const {
    verdict,
    fidelity,
    reason,
    attempts,
    alone,
    quarantined,
    advanced,
    ignored = [],
    excused = [],
  } = result;
  const notes = [
    duration(result.took),
    ...(fidelity === undefined ? [] : [fidelity]),
    ...(advanced === undefined ? [] : [`${duration(advanced.ms)} passed in the target`]),
    ...ignored.map(
      ({ name, resource, count, reason: why }) =>
        `ignored ${count} ${resource} (${plainLine(name)}: ${firstLine(why)})`,
    ),
    ...excusedByReason(excused),
    ...(attempts === undefined ? [] : [`${attempts} attempts`]),
    ...(alone === undefined ? [] : [`${alone} alone`]),
    ...(isExempt(result) ? [quarantined === undefined ? 'known' : 'in quarantine'] : []),
  ].join(' · ');
  const why = verdict === 'skipped' && reason !== undefined ? `: ${firstLine(reason)}` : '';
  const mark = paint.verdict[verdict](`${MARKS[verdict]} ${verdict.padEnd(7)}`);
  return `${mark}  ${plainLine(result.id)}${why}  ${paint.dim(notes)}`;
}

function excusedByReason(excused: NonNullable<ReportedCase['excused']>): string[] {
  const reasons = new Map<string, Set<string>>();
  for (const { reason, finding } of excused)
    reasons.set(reason, (reasons.get(reason) ?? new Set()).add(findingText(finding).kind));
  return [...reasons].map(([reason, kinds]) => `excused ${[...kinds].join(', ')} (${firstLine(reason)})`);
}

/** A case whose causes have been printed: `✗ failed   faults/x  1.2s · same cause as faults/y`, and what follows from them here. */
export function sameCauseLine(result: ReportedCase, seenIn: readonly string[], paint: Palette): string {
  const what = result.verdict === 'error' ? 'reason' : seenIn.length === 1 ? 'cause' : 'causes';
  const also = new Set(causesIn(result).consequences.map(({ finding }) => findingText(finding).kind));
  const followed = also.size === 0 ? '' : `; ${[...also].join(', ')}`;
  const same = `same ${what} as ${seenIn.map(plainLine).join(', ')}${followed}`;
  return `${caseLine(result, paint)}${paint.dim(` · ${same}`)}`;
}

/** A case that did not pass, in full: each finding with its lines, and how to see it again. */
export function caseInFull(result: ReportedCase, paint: Palette, width: number): string[] {
  const about = plainLine(result.about);
  const lines = [
    paint.bold(caseLine(result, paint)),
    ...(about === '' ? [] : wrap(about, width - 2).map((line) => `  ${line}`)),
    ...(result.source.file === '' ? [] : [`  ${paint.dim(place(result.source))}`]),
  ];
  if (result.reason !== undefined) {
    const reason = plainText(result.reason)
      .split('\n')
      .flatMap((line) => wrapIndented(line, width - LABEL - 2));
    lines.push('', ...labelled('reason', reason, paint, 2));
  }
  for (const finding of result.findings) {
    const { kind, message, facts } = findingText(finding);
    const [first = '', ...rest] = wrap(`${kind}: ${message}`, width - 4);
    lines.push(
      '',
      `  ${paint.red('●')} ${paint.bold(first)}`,
      ...rest.map((line) => `    ${paint.bold(line)}`),
    );
    for (const fact of facts) lines.push(...labelled(fact.label, factLines(fact, width), paint));
  }
  if (result.advanced !== undefined && result.advanced.notShifted.length > 0) {
    const named = result.advanced.notShifted.flatMap((one) => wrap(plainLine(one), width - LABEL - 2));
    lines.push('', ...labelled('clocks', ['these did not notice that time passed:', ...named], paint, 2));
  }
  for (const { text, count, where } of result.warnings ?? []) {
    const words = `${plainLine(text)}${count === 1 ? '' : ` (${count} times)`}`;
    const named = [...wrap(words, width - LABEL - 2), ...where.map(place)];
    lines.push('', ...labelled('warned', named, paint, 2));
  }
  const blind = notSeen(result);
  if (blind.length > 0) {
    const named = blind.flatMap((what) => wrap(plainLine(what), width - LABEL - 2));
    lines.push('', ...labelled('not seen', named, paint, 2));
  }
  const links = [
    // A command must be copied whole: it is not wrapped.
    ...(result.rerun === undefined ? [] : labelled('again', [paint.cyan(plainLine(result.rerun))], paint, 2)),
    ...(result.journal === undefined ? [] : labelled('journal', [plainLine(result.journal)], paint, 2)),
  ];
  if (links.length > 0) lines.push('', ...links);
  return lines;
}

function factLines({ label, lines, raw }: Fact, width: number): string[] {
  // Positions, commands and output must stay whole, so that they can be clicked or copied.
  if (raw === true || label === 'lines' || label === 'alive') return lines;
  return lines.flatMap((line) => wrap(line, width - LABEL - 4));
}

function labelled(label: string, lines: string[], paint: Palette, indent = 4): string[] {
  const margin = ' '.repeat(indent);
  return lines.map((line, index) => `${margin}${paint.dim((index === 0 ? label : '').padEnd(LABEL))}${line}`);
}
