import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import type { Case } from '../../scenario/case.ts';
import { isListeningOnIpv6 } from '../../targets/process/accept-queue.ts';
import type { Target } from '../../targets/file/target.ts';

/**
 * Why a target that is ready cannot be tried with the IP version of the case; undefined where it can. A listener of IPv4 refuses every client of
 * IPv6, which says nothing of what the case is about.
 */
export function withoutFamily(
  { family }: Pick<Case, 'family'>,
  pid: number,
  port: number,
): string | undefined {
  if (family !== 'ipv6' || isListeningOnIpv6(pid, port) !== false) return undefined;
  return 'the target does not listen on its address of IPv6; `families: [ipv4]` in its file leaves such cases out';
}

/**
 * Why a target that does not start cannot be tried with the IP version of the case; undefined where that is an error. Many programs write
 * `http://HOST:PORT` without brackets around an address of IPv6. A target with a contract has to start.
 */
export function startsWithoutFamily(
  { family }: Pick<Case, 'family'>,
  { contract }: Pick<Target, 'contract'>,
  error: unknown,
): string | undefined {
  if (family !== 'ipv6' || contract) return undefined;
  if (!(error instanceof LastfinError) || error.code !== 'LASTFIN_TARGET_START') return undefined;
  // it exited, or was stopped by a signal; whoever only takes too long may do so for any reason
  if (!('code' in error.facts)) return undefined;
  return 'the target does not start with addresses of IPv6, such as `::1`; `families: [ipv4]` in its file leaves such cases out';
}
