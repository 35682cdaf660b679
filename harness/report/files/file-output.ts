import path from 'node:path';

import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { writeWhole } from '../../../shared/write-whole.ts';
import type { Reporter, TextOutput } from '../reporter.ts';
import { makeFolder } from './make-folder.ts';
import { unwritable } from './unwritable.ts';

/**
 * Text of another reporter that becomes a file. It stands after that reporter in a run: its folder is made before the first case, and the file is written
 * in one step when the run has ended.
 *
 * @example
 * const output = new FileOutput('out/summaries.txt');
 * const reporters: Reporter[] = [{ onRunEnd: ({ summary }) => output.write(summary) }, output];
 */
export class FileOutput implements Reporter, TextOutput {
  readonly isTTY = false;
  readonly #file: string;
  readonly #parts: string[] = [];

  constructor(file: string) {
    this.#file = file;
  }

  write(text: string): void {
    this.#parts.push(text);
  }

  /** @throws LastfinError `LASTFIN_USAGE` for a folder that cannot be made */
  onRunStart(): void {
    try {
      makeFolder(path.dirname(path.resolve(this.#file)));
    } catch (error) {
      const { message } = unwritable(`the folder of ${this.#file} (--reporter)`, error);
      throw new LastfinError('LASTFIN_USAGE', message, { facts: { file: this.#file }, cause: error });
    }
  }

  /** @throws LastfinError `LASTFIN_OUTPUT`; the file is then unchanged */
  async onRunEnd(): Promise<void> {
    try {
      await writeWhole(this.#file, this.#parts.join(''));
    } catch (error) {
      throw unwritable(`the report ${this.#file} (--reporter)`, error);
    }
  }
}
