import type { ProxyLogger } from '../observe/logger.ts';
import { isWildcard } from './kernel-route.ts';
import type { KernelRoute } from './kernel-route.ts';
import { runTool } from './nft.ts';

/**
 * Ends the flows that the kernel still forwards for a route whose table is gone. If no other rule needs connection tracking, the
 * kernel stops translating and resets them itself; otherwise they would go on until both ends are done.
 */
export async function endLiveFlows(
  { name, listen, upstream }: KernelRoute,
  logger: ProxyLogger,
): Promise<void> {
  const args = ['-D', '-p', 'tcp', '--orig-port-dst', String(listen.port)];
  if (!isWildcard(listen.host)) args.push('--orig-dst', listen.host);
  args.push('--reply-src', upstream.host, '--reply-port-src', String(upstream.port));
  try {
    const { code, stderr } = await runTool('conntrack', args);
    // exit code 1 can mean that 0 entries were deleted
    if (code === 0 || stderr.includes('0 flow entries')) return;
    logger.warn({ event: 'nftables_flows_left', route: name, code, stderr }, flowsLeft(name));
  } catch (error) {
    logger.warn({ event: 'nftables_flows_left', route: name, err: error }, flowsLeft(name));
  }
}

function flowsLeft(name: string): string {
  return `without conntrack(8), live connections of ${name} may go on until both their ends are done`;
}
