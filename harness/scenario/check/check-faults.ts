import { suggestion } from '../../../shared/yaml-file/did-you-mean.ts';
import { TOXIC_ATTRIBUTES } from '../schema/fault-schema.ts';
import { bytesSent } from './check-scripts.ts';
import { clientGroups, requestsOf } from '../client-groups.ts';
import { addressIssues } from './check-addresses.ts';
import type { Issue } from '../../../shared/yaml-file/problem.ts';
import type { Fault } from '../fault.ts';
import type { Step } from '../step.ts';
import type { CheckedScenario } from '../schema/scenario-schema.ts';

/** Finds faults that could never be applied, or would have no effect. */
export function faultIssues(scenario: CheckedScenario): Issue[] {
  const shutdowns = scenario.faults.flatMap((fault, index) => (fault.kind === 'shutdown' ? [index] : []));
  const again = shutdowns.slice(1).map((index): Issue => {
    return {
      path: ['faults', index],
      message: 'a target is shut down once: leave the second `shutdown` out',
    };
  });
  return [
    ...again,
    ...scenario.faults.flatMap((fault, index) => [
      ...triggerIssues(fault, index, scenario),
      ...attributeIssues(fault, index),
      ...addressIssues(fault, index, scenario),
    ]),
  ];
}

function triggerIssues(fault: Fault, index: number, scenario: CheckedScenario): Issue[] {
  const { connections, upstream } = scenario;
  const path = ['faults', index, 'when'];
  const { when } = fault;
  switch (when.at) {
    case 'connect':
      if (!['reset', 'close', 'half-close', 'abandon', 'stall', 'abort'].includes(fault.kind)) return [];
      return [
        {
          path: ['faults', index],
          message: `\`${fault.kind}\` before the first connection finds none to act on: say \`when\`, such as { established: all }`,
        },
      ];
    case 'bytes': {
      if (scenario.server) return [];
      const most = clientGroups(scenario).reduce(
        (sum, { count, script }) =>
          sum + count * (bytesSent(script) + requestsOf(script) * bytesSent(upstream)),
        0,
      );
      if (!(when.bytes > most)) return [];
      return [
        { path, message: `never applied: both scripts together send ${most} bytes, not ${when.bytes}` },
      ];
    }
    default:
      if (when.count === 0) {
        return [{ path, message: `\`${when.at}: 0\` is no moment: write \`when: connect\`` }];
      }
      if (when.at === 'waiting' && !clientGroups(scenario).some(({ script }) => script.some(waitsForFaults)))
        return [{ path, message: 'never applied: no client has a step `wait: faulted`' }];
      if (when.count === 'all' || when.count <= connections.count) return [];
      return [
        { path, message: `never applied: there are ${connections.count} connections, not ${when.count}` },
      ];
  }
}

const waitsForFaults = (step: Step): boolean => step.kind === 'wait' && step.for.state === 'faulted';

function attributeIssues(fault: Fault, index: number): Issue[] {
  if (fault.kind !== 'toxic') return [];
  const known = TOXIC_ATTRIBUTES[fault.type];
  return Object.keys(fault.attributes)
    .filter((name) => !known.includes(name))
    .map((name) => ({
      path: ['faults', index, 'attributes', name],
      part: 'key',
      message: `the toxic \`${fault.type}\` has no attribute \`${name}\`${suggestion(name, known)}`,
    }));
}
