import type { Issue } from '../../yaml-file/problem.ts';
import { clientGroups, requestsOf } from './client-groups.ts';
import type { Count, CountRange } from './scenario.ts';
import type { CheckedScenario } from './scenario-schema.ts';

const PARTS = ['incoming', 'outgoing', 'client', 'upstream'] as const;

/** Expected counts that no outcome could add up to. */
export function expectationIssues(scenario: CheckedScenario): Issue[] {
  const { count, concurrent } = scenario.connections;
  const amount = (wanted: Count): number => (wanted === 'all' ? count : wanted);
  return PARTS.flatMap((part): Issue[] => {
    const expected = scenario.expect[part];
    if (expected === undefined) return [];
    const ranges = Object.values<CountRange | undefined>(expected).filter((range) => range !== undefined);
    const least = ranges.reduce((sum, { min }) => sum + amount(min), 0);
    const most = ranges.reduce((sum, { max }) => sum + amount(max), 0);
    const path = ['expect', part];
    // each request may have an upstream connection of its own, and so has each upstream that is tried
    const several =
      part === 'outgoing' ||
      (part === 'upstream' && clientGroups(scenario).some(({ script }) => requestsOf(script) > 1));
    if (least > count && !several) {
      const message = `\`expect.${part}\` asks for at least ${least} connections, but there are ${count}`;
      return [{ path, part: 'key', message }];
    }
    // Every connection ends once at the client's end. Whether it ever reaches the upstream, the scenario decides.
    const complete =
      part === 'client' || (part === 'incoming' && reachesTarget(scenario, concurrent < count));
    if (complete && most < count) {
      const message = `\`expect.${part}\` accounts for at most ${most} connections, but there are ${count}`;
      return [{ path, part: 'key', message: `${message}, and each ends with one of them` }];
    }
    return [];
  });
}

/** Whether every connection that a client opens gets to the target at all. */
const reachesTarget = ({ faults }: CheckedScenario, inTurns: boolean): boolean =>
  !faults.some(
    (fault) => (fault.kind === 'down' && fault.side === 'client') || (fault.kind === 'shutdown' && inTurns),
  );
