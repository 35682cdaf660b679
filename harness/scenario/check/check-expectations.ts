import type { Issue } from '../../../shared/yaml-file/problem.ts';
import { clientGroups, requestsOf } from '../client-groups.ts';
import type { Count } from '../trigger.ts';
import type { CountRange, Expectations } from '../expectations.ts';
import type { CheckedScenario } from '../schema/scenario-schema.ts';

const PARTS = ['incoming', 'outgoing', 'client', 'upstream'] as const;

/** Reasons of failed connects, after which a connection may have another outgoing side if there are several upstreams. */
const FAILED_CONNECTS = ['connection_refused', 'host_unreachable', 'etimedout'];

/**
 * Finds expected counts that no outcome could add up to.
 *
 * @param hops proxies in a row inside the target: each has an incoming and an outgoing side for every connection
 */
export function expectationIssues(scenario: CheckedScenario, hops: number): Issue[] {
  const { expect, contract } = scenario;
  return [
    ...issuesOf(scenario, hops, expect, ['expect']),
    ...(contract === undefined ? [] : issuesOf(scenario, hops, contract.expect, ['contract', 'expect'])),
  ];
}

function issuesOf(
  scenario: CheckedScenario,
  hops: number,
  expect: Partial<Expectations>,
  above: readonly string[],
): Issue[] {
  const { count, concurrent } = scenario.connections;
  const amount = (wanted: Count): number => (wanted === 'all' ? count : wanted);
  return PARTS.flatMap((part): Issue[] => {
    const expected = expect[part];
    if (expected === undefined) return [];
    const ranges = Object.entries<CountRange | undefined>(expected).flatMap(([reason, range]) =>
      range === undefined || (part === 'outgoing' && FAILED_CONNECTS.includes(reason)) ? [] : [range],
    );
    const least = ranges.reduce((sum, { min }) => sum + amount(min), 0);
    const most = ranges.reduce((sum, { max }) => sum + amount(max), 0);
    const path = [...above, part];
    // an HTTP client makes several requests, each of which may have its own upstream connection
    const several =
      part === 'upstream' && clientGroups(scenario).some(({ script }) => requestsOf(script) > 1);
    const there = part === 'incoming' || part === 'outgoing' ? count * hops : count;
    if (least > there && !several) {
      const message = `\`${path.join('.')}\` asks for at least ${least} connections, but there are ${there}`;
      return [{ path, part: 'key', message }];
    }
    // Every connection ends once at the client's end. Whether it ever reaches the upstream, the scenario decides.
    const complete =
      part === 'client' || (part === 'incoming' && reachesTarget(scenario, concurrent < count));
    if (complete && most < count) {
      const message = `\`${path.join('.')}\` accounts for at most ${most} connections, but there are ${count}`;
      return [{ path, part: 'key', message: `${message}, and each ends with one of them` }];
    }
    return [];
  });
}

/** Whether every connection that a client opens reaches the target. */
const reachesTarget = ({ faults }: CheckedScenario, inTurns: boolean): boolean =>
  !faults.some(
    (fault) => (fault.kind === 'down' && fault.side === 'client') || (fault.kind === 'shutdown' && inTurns),
  );
