import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import { openRealm } from '../probe/agent/open-realm.ts';
import type { ProcessProbe, watchProcess } from '../probe/agent/in-process.ts';

/** Key of the probe at the global object: several copies of this file, such as one for each test file, share it. */
const PROBE = Symbol.for('lastfin.process-probe');
/** Global that the probe of a target defines. */
const OF_TARGET = 'lastfinHandoff';

/**
 * Probe of this process or thread; the first call installs its hooks.
 *
 * @throws LastfinError `LASTFIN_PROBE` in a process that is a target itself
 */
export function processProbe(): ProcessProbe {
  const known = Reflect.get(globalThis, PROBE) as ProcessProbe | undefined;
  if (known !== undefined) return known;
  if (OF_TARGET in globalThis) {
    throw new LastfinError('LASTFIN_PROBE', 'this process is a target of lastfin, which watches it already');
  }
  const here = import.meta.url;
  // tests run the sources, and the probe is one bundled file
  const agent = new URL(here.endsWith('.ts') ? '../../dist/harness/probe/agent/' : '../probe/agent/', here);
  const bundle = new URL('preload.agent.cjs', agent).href;
  if (!existsSync(fileURLToPath(bundle)))
    throw new LastfinError('LASTFIN_PROBE', `the probe is not built: ${fileURLToPath(bundle)} is missing`);
  const { watchProcess: watch } = openRealm(bundle) as { watchProcess: typeof watchProcess };
  const probe = watch([new URL('./', here).href, new URL('../../adapters/', here).href]);
  Object.defineProperty(globalThis, PROBE, { value: probe });
  return probe;
}
