import type { Finding } from '../../judge/verdict.ts';
import { FINDING_GUIDE } from './finding-guide.ts';

/** Name of a kind of finding, as its section in docs/findings.md has it: `leak/timer`, `invariant/bytes`, `drain`. */
export function ruleOf(finding: Finding): string {
  if (finding.kind === 'leak') return `leak/${finding.resource}`;
  return finding.kind === 'invariant' ? `invariant/${finding.invariant}` : finding.kind;
}

/** Meaning, usual cause and fix of a finding. */
export function guideOf(finding: Finding): (typeof FINDING_GUIDE)[string] | undefined {
  return FINDING_GUIDE[ruleOf(finding)];
}
