import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { Command, Option } from '../../../shared/vendor/commander.ts';
import type { CheckedRunning } from '../../attach/check-running.ts';
import type { Which } from '../../attach/running-process.ts';
import { safeJson } from '../../report/files/json.ts';
import { positiveInteger } from '../options/selection.ts';
import { timeLike } from '../options/time-option.ts';
import { interruptible } from '../process/interruption.ts';

type CheckOptions = {
  pid?: number;
  inspect?: string;
  with?: string;
  while?: string;
  for?: number;
  rounds?: number;
  settle: number;
  json: boolean;
};

/** Rounds with a command, which can be repeated: the first makes what is made once. */
const ROUNDS = 3;
const SETTLE = '1s';
const timeOf = timeLike('500ms or 30s');

export const checkCommand = new Command('check')
  .description(
    'Looks at a running Node.js process before and after something, or at what the programs of a command leave behind.',
  )
  .addOption(
    new Option(
      '--pid <n>',
      'the process; its inspector is opened (SIGUSR1, on 127.0.0.1) and closed again',
    ).argParser(positiveInteger),
  )
  .addOption(new Option('--inspect <address>', 'the process whose inspector is open there').conflicts('pid'))
  .addOption(
    new Option(
      '--while <command>',
      'what to run between the looks, such as a load test or one request',
    ).conflicts('for'),
  )
  .addOption(
    new Option('--for <time>', 'time between the looks, such as 30s (default: until Enter)').argParser(
      timeOf,
    ),
  )
  .addOption(
    new Option(
      '--rounds <n>',
      `times that --while runs; one round shows what is open, no growth (default: ${ROUNDS})`,
    ).argParser(positiveInteger),
  )
  .addOption(
    new Option('--settle <time>', 'time in which everything must have ended')
      .argParser(timeOf)
      .default(timeOf(SETTLE), SETTLE),
  )
  .addOption(
    new Option(
      '--with <command>',
      'run this command, such as `npm test`, and look at every Node.js program that it starts, at its end',
    ).conflicts(['pid', 'inspect', 'while', 'for', 'rounds']),
  )
  .option('--json', 'print the result as JSON', false)
  .action(async (options: CheckOptions) => {
    const rounds = options.while === undefined ? 1 : (options.rounds ?? ROUNDS);
    const which = options.with === undefined ? whichOf(options) : undefined;
    const interruption = interruptible();
    try {
      if (which === undefined) {
        process.exitCode = await checkCommandOf(options, interruption.signal);
        return;
      }
      const { checkRunning } = await import('../../attach/check-running.ts');
      const checked = await checkRunning({
        which,
        rounds,
        settle: options.settle,
        meanwhile: () => meanwhile(options, interruption.signal),
        onWatched: ({ pid, node, script }) =>
          void process.stderr.write(
            `watching process ${pid} (Node.js ${node}${script === '' ? '' : `, ${script}`})\n`,
          ),
      });
      process.stdout.write(options.json ? `${safeJson(checked, 2)}\n` : await inWords(checked));
      process.exitCode = checked.leaks.length === 0 ? 0 : 1;
    } finally {
      interruption.dispose();
    }
  });

/** Runs a command under the probe. @returns its exit code, unless that is 0 and something was left behind */
async function checkCommandOf(
  { with: command = '', settle, json }: CheckOptions,
  signal: AbortSignal,
): Promise<number> {
  // loaded on demand, here and below: no other command needs it
  const { runWith } = await import('../../attach/ends/run-with.ts');
  const { endsInWords, leaky } = await import('../../attach/ends/ends-text.ts');
  const seen = await runWith(command, settle, signal);
  // stdout is the command's
  process.stderr.write(json ? `${safeJson(seen, 2)}\n` : endsInWords(seen));
  return seen.exitCode === 0 && leaky(seen).length > 0 ? 1 : seen.exitCode;
}

function whichOf({ pid, inspect, rounds, while: command }: CheckOptions): Which {
  if (rounds !== undefined && rounds > 1 && command === undefined)
    throw new LastfinError('LASTFIN_USAGE', '--rounds needs --while, which can be repeated');
  if (pid !== undefined) return { pid };
  if (inspect !== undefined) return { inspect };
  throw new LastfinError(
    'LASTFIN_USAGE',
    'say which process: --pid N or --inspect 127.0.0.1:9229; or which command: --with COMMAND',
  );
}

async function meanwhile(options: CheckOptions, signal: AbortSignal): Promise<void> {
  if (options.while !== undefined) await runCommand(options.while, signal);
  else if (options.for !== undefined) await delay(options.for, undefined, { signal });
  else await untilEnter(signal);
}

/** Runs a command; its output goes to stderr, since stdout is the result's. */
async function runCommand(command: string, signal: AbortSignal): Promise<void> {
  const child = spawn(command, { shell: true, stdio: ['ignore', 2, 2] });
  const kill = (): void => void child.kill();
  signal.addEventListener('abort', kill);
  try {
    const [code, by] = (await once(child, 'exit')) as [number | null, string | null];
    signal.throwIfAborted();
    if (code !== 0)
      throw new LastfinError(
        'LASTFIN_LAB',
        `\`${command}\` ended with ${by ?? `exit code ${code}`}: nothing is judged`,
      );
  } finally {
    signal.removeEventListener('abort', kill);
  }
}

async function untilEnter(signal: AbortSignal): Promise<void> {
  process.stderr.write('do what is to be checked, then press Enter\n');
  try {
    await Promise.race([once(process.stdin, 'data', { signal }), once(process.stdin, 'end', { signal })]);
  } finally {
    process.stdin.pause();
  }
}

async function inWords({ process: { pid }, rounds, leaks, notSeen }: CheckedRunning): Promise<string> {
  const { inRounds } = await import('../../in-process/rounds.ts');
  const { leaksInWords } = await import('../../in-process/leak-error.ts');
  const when = rounds === 1 ? 'after that' : inRounds(rounds);
  const found =
    leaks.length === 0
      ? `nothing is left in process ${pid} ${when}`
      : leaksInWords(leaks, `in process ${pid}, ${when}`);
  return [found, '', ...notSeen.map((one) => `not seen: ${one}`), ''].join('\n');
}
