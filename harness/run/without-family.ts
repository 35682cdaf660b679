import type { Case } from '../scenario/scenario.ts';
import { isListeningOnIpv6 } from '../target/accept-queue.ts';

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
