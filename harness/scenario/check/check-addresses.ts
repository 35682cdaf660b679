import type { Issue } from '../../../shared/yaml-file/problem.ts';
import type { Fault } from '../fault.ts';
import type { CheckedScenario } from '../schema/scenario-schema.ts';

/** Finds faults that refer to an address that the case does not have. */
export function addressIssues(fault: Fault, index: number, { addresses }: CheckedScenario): Issue[] {
  const path = ['faults', index];
  if (fault.kind === 'dns' && addresses.length === 0) {
    const message =
      'the upstream has no name to ask for: say `addresses`, such as `addresses: [ipv4]`, and it gets one';
    return [{ path, message }];
  }
  if (!('address' in fault) || fault.address === undefined) return [];
  if ('side' in fault && fault.side === 'client') {
    return [{ path: [...path, 'address'], message: 'only the upstream has several addresses' }];
  }
  if (fault.address <= addresses.length) return [];
  const message = `the upstream has ${addresses.length === 0 ? 'no list of `addresses`' : `${addresses.length} addresses`}: there is no number ${fault.address}`;
  return [{ path: [...path, 'address'], message }];
}
