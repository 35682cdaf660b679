import { Command } from '../../../shared/vendor/commander.ts';

import { takeOverSignals } from '../process/early-signals.ts';
import { runToxiproxy } from '../../toxiproxy/command.ts';

export const toxiproxyCommand = new Command('toxiproxy')
  .description("Runs the embedded Toxiproxy alone, with the real server's flags, for any Toxiproxy client.")
  .allowUnknownOption()
  .helpOption(false)
  .argument('[flags...]', 'see --help')
  .action(async (_flags: string[], _options: unknown, command: Command) => {
    takeOverSignals();
    await runToxiproxy(command.args);
  });
