import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import type { Teardown } from '../../lab/teardown.ts';
import { within } from '../../../shared/within.ts';
import type { Case } from '../../scenario/case.ts';
import { targetArguments, type TargetAddresses } from '../../targets/file/target-arguments.ts';
import { settingsOfRoute } from '../../targets/file/target-config.ts';
import type { Target } from '../../targets/file/target.ts';
import type { TargetProcess } from '../../targets/process/target-process.ts';
import { matches } from '../../../shared/yaml-file/pattern.ts';

/** Deadline for the target to log that it has reloaded its config. ms */
const RELOAD_DEADLINE = 5_000;

/** The config file of one target in one case: written before it is started, and anew for each reload. */
export class TargetConfigFile {
  readonly path: string;

  private constructor(file: string) {
    this.path = file;
  }

  /** Makes the file's folder; the teardown removes it. */
  static async prepare(teardown: Teardown): Promise<TargetConfigFile> {
    const folder = await mkdtemp(path.join(tmpdir(), 'lastfin-config-'));
    teardown.add('the config file', () => rm(folder, { recursive: true, force: true }));
    return new TargetConfigFile(path.join(folder, 'config'));
  }

  /** Writes the file atomically: a target that watches it never sees half of it. */
  async write(config = ''): Promise<void> {
    await writeFile(`${this.path}.new`, config);
    await rename(`${this.path}.new`, this.path);
  }

  /**
   * Gives the running target the config of another route, and waits until it logs that it has read it.
   * Rejects with `LASTFIN_LAB` when it does not in time.
   */
  async reload(
    target: Target,
    running: TargetProcess,
    testCase: Pick<Case, 'route' | 'settings'>,
    addresses: TargetAddresses,
  ): Promise<void> {
    const { reload } = target;
    if (!reload)
      throw new LastfinError('LASTFIN_LAB', `the target \`${target.name}\` does not say how it reloads`);
    const known = settingsOfRoute(target, testCase.route);
    const settings = Object.fromEntries(
      Object.entries(testCase.settings).filter(([name]) => known.includes(name)),
    );
    await this.write(targetArguments(target, { route: testCase.route, settings }, addresses).config);
    let off = (): unknown => undefined;
    const read = new Promise<void>((resolve) => {
      off = running.onNextLine((line) => {
        if (matches(reload.log, line)) resolve();
      });
    });
    try {
      running.signal(reload.signal);
      await within(RELOAD_DEADLINE, `a line that matches /${reload.log.source}/`, read);
    } finally {
      off();
    }
  }
}
