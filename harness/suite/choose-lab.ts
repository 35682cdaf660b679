import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import { namespaceObstacle } from '../lab/network/namespace.ts';
import type { RunLab } from '../report/run-report.ts';
import type { LabMode } from '../lab/lab-mode.ts';

/**
 * Chooses where cases run on this machine. `auto` falls back to `none`, with the reason; a lab that was asked for by name does not.
 *
 * @throws LastfinError `LASTFIN_USAGE` for a Toxiproxy that cannot be reached from a namespace, `LASTFIN_LAB` for a namespace that
 * cannot be entered
 */
export async function chooseLab(asked: LabMode, toxiproxy = 'embedded'): Promise<RunLab> {
  if (asked === 'none') return { mode: 'none' };
  if (toxiproxy !== 'embedded' && toxiproxy !== 'real') {
    const why = `the Toxiproxy at ${toxiproxy} cannot be reached from a namespace`;
    if (asked === 'auto') return { mode: 'none', why, fix: 'run with --toxiproxy embedded or real' };
    throw new LastfinError('LASTFIN_USAGE', `--lab ${asked}: ${why}; say --lab none`);
  }
  const obstacle = await namespaceObstacle();
  if (obstacle === undefined) return { mode: asked };
  if (asked === 'auto') return { mode: 'none', ...obstacle };
  throw new LastfinError('LASTFIN_LAB', `--lab ${asked}: ${obstacle.why}; to fix it: ${obstacle.fix}`, {
    facts: { ...obstacle },
  });
}
