import { readdirSync, readFileSync } from 'node:fs';

import { linkedSides } from '../../faults/fidelity.ts';
import type { Case } from '../../scenario/case.ts';
import type { Want } from '../../want.ts';

/** Descriptors of the harness beside those of connections: pipes, files, servers, and a few to spare. */
const BESIDE = 64;
/** Descriptors per connection: one for the client, one for the upstream; a link needs as many again. */
const EACH = 2;

/** Descriptors that the harness has open at once for the case. */
export function descriptorsFor({ connections, faults }: Pick<Case, 'connections' | 'faults'>): number {
  const atOnce = Math.min(connections.count, connections.concurrent);
  return BESIDE + atOnce * EACH * (1 + linkedSides(faults).size);
}

/** Why the case cannot run for want of descriptors, which a target would be blamed for; undefined where there are enough. */
export function wantOfDescriptors(
  testCase: Pick<Case, 'connections' | 'faults'>,
  limit = descriptorLimit(),
): { reason: string; want: Want } | undefined {
  const needed = descriptorsFor(testCase) + openNow();
  if (limit === undefined || needed <= limit) return undefined;
  const least = 2 ** Math.ceil(Math.log2(needed));
  return {
    reason: `${testCase.connections.concurrent} connections at once need ${needed} open files in the harness, and it may have ${limit} (ulimit -n)`,
    want: { what: 'open files', fix: `ulimit -n ${least}` },
  };
}

/** Limit of open files of this process; undefined where the system does not tell, or sets no limit. */
function descriptorLimit(): number | undefined {
  try {
    const [, limit] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return limit === undefined ? undefined : Number(limit);
  } catch {
    return undefined;
  }
}

function openNow(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return 0;
  }
}
