import type { Evidence } from '../evidence.ts';
import { fingerprint } from '../fingerprint.ts';
import type { Finding } from '../verdict.ts';
import { oneLine } from '../words.ts';

/** Finding for new connections that failed after all faults were healed: a listener that died of them, or a pool that stays empty. */
export function failedRecovery({ recovery }: Evidence): Finding[] {
  if (recovery === undefined || recovery.served === recovery.asked) return [];
  const { asked, served, failure } = recovery;
  const why = failure === undefined ? '' : `: ${oneLine(failure)}`;
  const message = `${served} of ${asked} new connections were served once all faults had been healed${why}`;
  return [{ kind: 'recovery', message, fingerprint: fingerprint('recovery', failure), asked, served }];
}
