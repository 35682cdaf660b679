import { FIDELITIES } from '../../fidelities.ts';
import type { Fidelity } from '../../scenario/trigger.ts';
import type { Evidence } from '../evidence.ts';
import { fingerprint } from '../fingerprint.ts';
import type { Finding } from '../verdict.ts';

const isLess = (one: Fidelity, other: Fidelity): boolean =>
  FIDELITIES.indexOf(one) > FIDELITIES.indexOf(other);

/** Findings for faults below the required fidelity, unless they cannot be made any better. */
export function tooUnreal({ head, faults, skipped }: Evidence): Finding[] {
  const required = head.requireFidelity;
  if (required === undefined) return [];
  if (skipped?.forWantOf !== undefined) {
    const message = `it could not be run, and \`${required}\` is required: ${skipped.reason}`;
    return [{ kind: 'fidelity', message, fingerprint: 'fidelity all', fault: 'all', required }];
  }
  return faults.flatMap(({ fault, fidelity, best }) => {
    if (!isLess(fidelity, required) || !isLess(fidelity, best)) return [];
    const message = `the fault \`${fault.kind}\` was only of fidelity \`${fidelity}\`, and \`${required}\` is required`;
    return [
      {
        kind: 'fidelity',
        message,
        fingerprint: fingerprint('fidelity', fault.kind, fidelity),
        fault: fault.kind,
        required,
        actual: fidelity,
      } as const,
    ];
  });
}
