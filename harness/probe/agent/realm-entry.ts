/**
 * Entry of the probe in a target or in a test's process: bundled into one file, which is evaluated in a realm of its own.
 */
import { replaceClocks } from './time/clocks.ts';
import { passOn } from './hooks/pass-on.ts';
import { PROBE_CLOCKS_ENV, PROBE_ENDS_ENV, PROBE_LIVES_ENV, PROBE_SOCKET_ENV } from '../protocol.ts';
import { connect } from './connect.ts';
import { recordEnd } from './ends.ts';

export { watchProcess } from './in-process.ts';

/**
 * Installs the hooks and greets the harness.
 *
 * @param path path of the harness's Unix socket
 * @param clocks set if time is to be shifted in the target
 * @param lives set if its sockets are to be followed
 */
export async function start(
  path: string,
  clocks: string | undefined,
  lives: string | undefined,
): Promise<void> {
  if (clocks !== undefined) replaceClocks();
  passOn({
    [PROBE_SOCKET_ENV]: path,
    ...(clocks === undefined ? {} : { [PROBE_CLOCKS_ENV]: clocks }),
    ...(lives === undefined ? {} : { [PROBE_LIVES_ENV]: lives }),
  });
  await connect(path, { lives: lives !== undefined });
}

/** Installs the hooks; what the program leaves behind at its end goes to a file of the folder. */
export function watchEnd(folder: string): void {
  passOn({ [PROBE_ENDS_ENV]: folder });
  recordEnd(folder);
}
