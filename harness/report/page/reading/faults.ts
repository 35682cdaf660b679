import type { Entry } from '../../../journal/entry.ts';
import type { Fault } from '../../../scenario/fault.ts';

/** Time for which a fault was applied; `to` is `from` for one that is over at once, such as a reset. */
export type FaultBand = { label: string; fidelity: string; from: number; to: number; missed: boolean };

/** Faults over at once: nothing heals them. */
const MOMENTS: readonly string[] = ['reset', 'close', 'half-close', 'abandon', 'shutdown', 'reload'];

/** Faults of a case, from when they were applied until they were healed. */
export function faultsOf(entries: readonly Entry[], end: number): FaultBand[] {
  const bands: (FaultBand & { key: string })[] = [];
  for (const entry of entries) {
    if (entry.type !== 'fault') continue;
    const { t, action, fault, fidelity } = entry;
    const key = JSON.stringify(fault);
    if (action === 'healed') {
      const open = bands.findLast((band) => band.key === key && band.to === end);
      if (open !== undefined) open.to = t;
      continue;
    }
    const lasts = action === 'applied' && !MOMENTS.includes(fault.kind);
    bands.push({
      key,
      label: faultLabel(fault),
      fidelity,
      from: t,
      to: lasts ? end : t,
      missed: action === 'missed',
    });
  }
  return bands;
}

/** `reset by client`, `toxic latency at upstream`. */
export function faultLabel(fault: Fault): string {
  if (fault.kind === 'toxic') return `toxic ${fault.type} at ${fault.side}`;
  if (fault.kind === 'down') return `link down at ${fault.side}`;
  if (fault.kind === 'reload') return `reload as ${fault.route}`;
  return 'side' in fault ? `${fault.kind} by ${fault.side}` : fault.kind;
}
