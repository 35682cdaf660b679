/**
 * Entry of the probe in a process that runs already: text that its inspector evaluates, with no file of this package within reach.
 */
import { openRealm } from './open-realm.ts';
import type { ProcessProbe, watchProcess } from './in-process.ts';

/** Global that a probe defines. */
const OF_PROBE = 'lastfinHandoff';

/**
 * Installs the probe.
 *
 * @param source text of the probe's bundle
 * @param url its URL, by which it knows its own scripts
 */
export function attach(source: string, url: string): ProcessProbe {
  if (OF_PROBE in globalThis) throw new Error('a probe of lastfin is in this process already');
  const { watchProcess: watch } = openRealm(url, source) as { watchProcess: typeof watchProcess };
  return watch([]);
}
