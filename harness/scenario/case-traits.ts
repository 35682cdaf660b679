import { clientGroups } from './client-groups.ts';
import type { Case } from './case.ts';

/** Whether the case advances time inside the target. */
export function letsTimePass(plan: Pick<Case, 'client' | 'clients' | 'connections'>): boolean {
  return clientGroups(plan).some(({ script }) => script.some(({ kind }) => kind === 'advance'));
}

/** Whether the case itself stops the target. */
export function stopsTarget({ faults }: Pick<Case, 'faults'>): boolean {
  return faults.some(({ kind }) => kind === 'shutdown');
}

type Scripts = Pick<Case, 'client' | 'clients' | 'connections' | 'upstream' | 'faults'>;

/** Whether a step or a fault waits for pending connects, which only the system can count. */
export function waitsForConnects(plan: Scripts): boolean {
  return waitsFor('connecting', plan);
}

/** Whether a step or a fault waits for a number of records, which only the target can publish. */
export function waitsForRecords(plan: Scripts): boolean {
  return waitsFor('records', plan);
}

/** Whether a step sends or awaits WebSocket messages: then the case needs frames where the route has an upgrade and bytes after it. */
export function speaksFrames(plan: Pick<Case, 'client' | 'clients' | 'connections' | 'upstream'>): boolean {
  const steps = [...clientGroups(plan).flatMap(({ script }) => script), ...plan.upstream];
  return steps.some(({ kind }) => kind === 'ws' || kind === 'expect-ws');
}

function waitsFor(state: 'connecting' | 'records', plan: Scripts): boolean {
  const steps = [...clientGroups(plan).flatMap(({ script }) => script), ...plan.upstream];
  return (
    steps.some((step) => step.kind === 'wait' && step.for.state === state) ||
    plan.faults.some(({ when }) => when.at === state)
  );
}
