import { findProgram } from '../../lab/system-tool.ts';

/**
 * A command before a target's own, so that the kernel ends it with the harness, whatever ends that: for targets without a
 * namespace or a probe that see to it. Empty where there is no setpriv. Source: prctl(2), PR_SET_PDEATHSIG.
 */
export function endsWithHarness(): string[] {
  const setpriv = process.platform === 'linux' ? findProgram('setpriv') : undefined;
  return setpriv === undefined ? [] : [setpriv, '--pdeathsig', 'KILL', '--'];
}
