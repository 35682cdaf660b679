import path from 'node:path';

import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { Command } from '../../../shared/vendor/commander.ts';
import type { ChosenCase } from '../../suite/chosen-case.ts';
import { selectCases, suitesOf } from '../../suite/select-cases.ts';
import { fail } from '../fail.ts';
import { lastFailed } from '../options/last-failed.ts';
import { addRunOptions, type RunOptions } from '../options/run-options.ts';
import { interruptible } from '../process/interruption.ts';
import { concerns, filesOfCase, isInstalled } from '../watch/files-of-case.ts';
import { FolderWatch } from '../watch/folder-watch.ts';
import { type Asked, Inbox } from '../watch/inbox.ts';
import { readKeys } from '../watch/keys.ts';
import { runCases } from './run.ts';

export const watchCommand = new Command('watch')
  .description('Runs scenarios, and again those that a changed scenario, target file or program concerns.')
  .argument('[paths...]', 'areas, scenario files or folders (default: all)')
  .action(async (paths: string[], options: RunOptions) => {
    const interruption = interruptible();
    const quit = new AbortController();
    const signal = AbortSignal.any([interruption.signal, quit.signal]);
    const inbox = new Inbox();
    const watch = new FolderWatch((file) => inbox.change(file), options.out);
    const stopKeys = readKeys({
      onAll: () => inbox.ask('all'),
      onFailed: () => inbox.ask('failed'),
      onQuit: () => quit.abort(new LastfinError('LASTFIN_INTERRUPTED', 'quit')),
    });
    inbox.ask(options.lastFailed ? 'failed' : 'all');
    try {
      for (;;) {
        const asked = await inbox.take(signal);
        if (asked === undefined) break;
        await follow(asked, { paths, options, watch, signal });
      }
    } finally {
      stopKeys();
      watch.close();
      interruption.dispose();
    }
    // whoever quits has seen what failed
    process.exitCode = interruption.signal.aborted ? 130 : 0;
  });
addRunOptions(watchCommand);

type Watching = { paths: string[]; options: RunOptions; watch: FolderWatch; signal: AbortSignal };

/** Runs what was asked for. Files that are wrong are told, and waited for. */
async function follow(asked: Asked, { paths, options, watch, signal }: Watching): Promise<void> {
  try {
    // a scenario that is wrong or new is no case yet
    const folders = suitesOf(options)
      .map(({ folder }) => path.resolve(folder))
      .filter((folder) => !isInstalled(folder));
    watch.follow([...watch.followed, { files: [], folders }]);
    const selected = selectCases(paths, options);
    watch.follow([...selected.map(filesOfCase), { files: [], folders }]);
    const chosen = chosenOf(asked, selected, options);
    if (chosen.length > 0) {
      say(`${reasonOf(asked)}: ${chosen.length} ${chosen.length === 1 ? 'case' : 'cases'}`);
      await runCases(chosen, options, signal);
    }
  } catch (error) {
    if (!(error instanceof LastfinError)) throw error;
    if (!signal.aborted) fail(error);
  }
  if (!signal.aborted) say('waiting for a change; Enter: all, f: those that failed, q: quit');
}

function chosenOf(asked: Asked, selected: ChosenCase[], { out }: RunOptions): ChosenCase[] {
  if (asked === 'all') return selected;
  if (asked !== 'failed') {
    return selected.filter((one) => {
      const files = filesOfCase(one);
      return [...asked.changed].some((file) => concerns(files, file));
    });
  }
  const { chosen = [], notices } = lastFailed(selected, out);
  notices.forEach(say);
  return chosen;
}

function reasonOf(asked: Asked): string {
  if (asked === 'all') return 'all';
  if (asked === 'failed') return 'those that failed';
  return `changed: ${[...asked.changed].map((file) => path.relative('', file)).join(', ')}`;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
