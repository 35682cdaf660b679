import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { Capture } from '../../lab/capture.ts';
import type { NetworkKind } from '../../lab/network/network.ts';
import { toolPath } from '../../lab/system-tool.ts';
import { workerPid } from '../workers/wake-worker.ts';
import { capturesFromOutside, deviceOf, ENDINGS, type EvidenceOrder } from './evidence-order.ts';

/**
 * Begins to capture in the network of a worker, if that is asked for and not the worker's own part.
 *
 * @param started process id of the command that became the worker, or started it
 */
export async function captureFromOutside(
  { evidence, network }: { evidence?: EvidenceOrder | undefined; network: NetworkKind },
  started: number | undefined,
): Promise<Capture | undefined> {
  if (evidence?.capture !== true || !capturesFromOutside()) return undefined;
  const pid = started === undefined ? undefined : workerPid(started);
  if (pid === undefined)
    throw new LastfinError('LASTFIN_LAB', 'packets cannot be captured: the worker is gone');
  // it must not outlive a harness that is killed
  const guard = [toolPath('setpriv'), '--pdeathsig', 'KILL', '--'];
  const enter = [...guard, toolPath('nsenter'), `--net=/proc/${pid}/ns/net`, '--'];
  return Capture.start({ file: `${evidence.prefix}${ENDINGS.pcap}`, device: deviceOf(network), enter });
}
