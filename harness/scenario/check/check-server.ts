import type { Issue } from '../../../shared/yaml-file/problem.ts';
import { clientGroups } from '../client-groups.ts';
import type { Fault } from '../fault.ts';
import type { CheckedScenario } from '../schema/scenario-schema.ts';

/** Finds steps and faults of a scenario about servers (`upstream: none`) that need an upstream. */
export function serverIssues(scenario: CheckedScenario): Issue[] {
  if (!scenario.server) return [];
  const issues: Issue[] = [];
  const missing = (path: Issue['path'], what: string): void =>
    void issues.push({ path, message: `${what}: there is no upstream (\`upstream: none\`)` });
  for (const { path, script } of clientGroups(scenario)) {
    for (const [index, step] of script.entries()) {
      if (step.kind === 'wait' && step.for.state === 'established')
        missing([...path, index], '`established` can never be met');
    }
  }
  for (const [index, fault] of scenario.faults.entries()) {
    if (fault.when.at === 'established') missing(['faults', index, 'when'], 'never applied');
    else if (needsUpstream(fault)) missing(['faults', index], `\`${fault.kind}\` finds none to act on`);
  }
  if (scenario.over?.upstream !== undefined) missing(['over', 'upstream'], 'changes nothing');
  if (scenario.addresses.length > 0) missing(['addresses'], 'names nobody');
  if (scenario.expect.upstream !== undefined) missing(['expect', 'upstream'], 'can never be met');
  return issues;
}

/** Whether a fault concerns the upstream or the way to it. */
export function needsUpstream(fault: Fault): boolean {
  switch (fault.kind) {
    case 'refused':
    case 'blackhole':
    case 'dns':
    case 'ports':
      return true;
    case 'cable':
    case 'flap':
      return fault.cut !== 'client';
    default:
      return 'side' in fault && fault.side === 'upstream';
  }
}
