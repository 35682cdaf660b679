import type { Fault, Fidelity } from '../scenario/scenario.ts';

/** How real each fault is, as the plan, the journal and the report say it. */
export function fidelityOf(fault: Fault): Fidelity {
  switch (fault.kind) {
    case 'toxic':
    case 'down':
      return 'toxiproxy';
    case 'refused':
    case 'shutdown':
    case 'reload':
      return 'kernel';
    default:
      return 'wire';
  }
}

/** Sides on which a case needs a link: only where a toxic goes, since a link passes neither half-close nor RST. */
export function linkedSides(faults: readonly Fault[]): Set<'client' | 'upstream'> {
  return new Set(
    faults.flatMap((fault) => (fault.kind === 'toxic' || fault.kind === 'down' ? [fault.side] : [])),
  );
}
