import { Command, CommanderError } from '../../shared/vendor/commander.ts';

import { fail } from './fail.ts';
import { checkCommand } from './commands/check.ts';
import { doctorCommand } from './commands/doctor.ts';
import { initCommand } from './commands/init.ts';
import { judgeCommand } from './commands/judge.ts';
import { listCommand } from './commands/list.ts';
import { mutantsCommand } from './commands/mutants.ts';
import { runCommand } from './commands/run.ts';
import { toxiproxyCommand } from './commands/toxiproxy.ts';
import { validateCommand } from './commands/validate.ts';
import { VERSION } from '../../shared/version.ts';
import { diffCommand } from './commands/finished-runs/diff.ts';
import { gateCommand } from './commands/finished-runs/gate.ts';
import { historyCommand } from './commands/finished-runs/history.ts';
import { mergeCommand } from './commands/finished-runs/merge.ts';
import { watchCommand } from './commands/watch.ts';
import { withoutCommand } from './commands/without-command.ts';

const program = new Command('lastfin')
  .description('Runs a proxy through real network faults and proves that nothing is left behind.')
  .version(VERSION)
  .showHelpAfterError('(run `lastfin --help` for the commands)')
  .exitOverride();

for (const command of [
  runCommand,
  watchCommand,
  checkCommand,
  initCommand,
  listCommand,
  validateCommand,
  judgeCommand,
  gateCommand,
  diffCommand,
  mergeCommand,
  historyCommand,
  mutantsCommand,
  doctorCommand,
  toxiproxyCommand,
]) {
  program.addCommand(command.exitOverride());
}

/** Runs the command line of this process; the exit code is set when it resolves. */
export async function runProgram(): Promise<void> {
  if (process.argv[2] === 'complete') {
    // a shell waits for it, and nobody else needs it
    const { addCompletion } = await import('./commands/completion.ts');
    addCompletion(program);
  } else {
    program.addCommand(
      new Command('complete')
        .description('Prints the completion script of a shell: source <(lastfin complete bash).')
        .argument('<shell>', 'zsh, bash, fish or powershell'),
    );
  }
  try {
    if (process.argv.length > 2) await program.parseAsync();
    else process.stdout.write(withoutCommand(process.cwd()));
  } catch (error) {
    if (error instanceof CommanderError) {
      // commander has printed it; `--help` and `--version` end here too
      process.exitCode = error.exitCode === 0 ? 0 : 2;
    } else {
      process.exitCode = fail(error);
    }
  }
}
