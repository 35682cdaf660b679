import { writeFileSync } from 'node:fs';

import type { Recorder } from '../../journal/recorder.ts';
import { Capture } from '../../lab/capture.ts';
import type { NetworkKind } from '../../lab/network/network.ts';
import type { Teardown } from '../../lab/teardown.ts';
import { capturesFromOutside, deviceOf, ENDINGS, type EvidenceOrder, lostPackets } from './evidence-order.ts';

/** Receives lines in the form of SSLKEYLOGFILE. */
export type OnKeys = (line: Buffer) => void;

/**
 * Begins to keep packets and TLS keys, if they are asked for; both are complete after the teardown. Resolves with the receiver of keys.
 */
export async function keepEvidence(
  order: EvidenceOrder | undefined,
  network: NetworkKind,
  { teardown, recorder }: { teardown: Teardown; recorder: Pick<Recorder, 'write'> },
): Promise<OnKeys | undefined> {
  if (order?.capture !== true) return undefined;
  const { prefix } = order;
  if (!capturesFromOutside()) {
    const capture = await Capture.start({ file: `${prefix}${ENDINGS.pcap}`, device: deviceOf(network) });
    teardown.add('the capture', async () => {
      const lost = lostPackets(await capture.stop());
      if (lost !== undefined) recorder.write(lost);
    });
  }
  const lines: Buffer[] = [];
  teardown.add('the TLS keys', () => {
    if (lines.length > 0) writeFileSync(`${prefix}${ENDINGS.keys}`, Buffer.concat(lines), { mode: 0o600 });
  });
  return (line) => {
    lines.push(line);
  };
}
