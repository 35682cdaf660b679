import { findProgram } from '../../lab/system-tool.ts';

/**
 * Prefix of a target's command that makes the kernel end it with the harness, however that ends: for targets without a namespace or a
 * probe to do so. Empty without setpriv. Source: prctl(2), PR_SET_PDEATHSIG.
 */
export function endsWithHarness(): string[] {
  const setpriv = process.platform === 'linux' ? findProgram('setpriv') : undefined;
  return setpriv === undefined ? [] : [setpriv, '--pdeathsig', 'KILL', '--'];
}
