import path from 'node:path';

import { leaksInWords } from '../../in-process/leak-error.ts';
import { place } from '../../report/finding-text.ts';
import type { CommandSeen, ProgramSeen } from './run-with.ts';

/** Most programs that are told one by one, of those that have left nothing. */
const MOST = 20;

/** Programs that leave something: with leaks, or there after the command. */
export function leaky({ programs }: CommandSeen): ProgramSeen[] {
  return programs.filter(({ how, leaks }) => leaks.length > 0 || how === 'running');
}

/** Programs of a command with what they left behind, for a person. */
export function endsInWords(command: CommandSeen): string {
  const bad = leaky(command);
  const others = command.programs.filter(
    (one) => !bad.includes(one) && ((one.how !== 'end' && one.how !== 'runner') || one.blind !== undefined),
  );
  const lines = [
    ...bad.flatMap((one) => ['', nameOf(one), ...leaksOf(one)]),
    ...(others.length === 0 ? [] : ['']),
    ...others.slice(0, MOST).map((one) => `${nameOf(one)}: ${howInWords(one)}`),
    ...(others.length > MOST ? [`and ${others.length - MOST} more`] : []),
    '',
    summary(command, bad.length),
  ];
  return `${lines.join('\n')}\n`;
}

function leaksOf(one: ProgramSeen): string[] {
  if (one.how === 'running') return ['    leak: it is still running after the command has ended'];
  return [leaksInWords(one.leaks, `at its end: ${howInWords(one)}`)];
}

function nameOf({ pid, thread, argv, cwd }: ProgramSeen): string {
  const [, script = '(no file)', ...given] = argv;
  const words = [path.isAbsolute(script) ? path.relative(cwd, script) || script : script, ...given].join(' ');
  return `${thread === 0 ? '' : `worker thread ${thread} of `}process ${pid} (${words.slice(0, 100)})`;
}

function howInWords({ how, thread, by: [first], exitCode, blind }: ProgramSeen): string {
  if (blind !== undefined) return `not seen: ${blind}`;
  switch (how) {
    case 'end':
      return 'ended by itself';
    case 'exit':
      return `ended by process.exit(${exitCode})${first === undefined ? '' : ` at ${place(first)}`}`;
    case 'error':
      return 'ended by an error: nothing is judged';
    case 'runner':
      return 'ended by its test runner';
    case 'signal':
      return `${thread === 0 ? 'ended by a signal' : 'terminated'}: it cannot be said what it had open`;
    default:
      return 'still running';
  }
}

function summary({ command, exitCode, programs }: CommandSeen, bad: number): string {
  const count = (how: ProgramSeen['how']): number => programs.filter((one) => one.how === how).length;
  const parts = [
    `${count('end')} by themselves`,
    `${count('exit')} by process.exit`,
    ...(count('runner') > 0 ? [`${count('runner')} by their test runner`] : []),
    ...(count('error') > 0 ? [`${count('error')} by an error`] : []),
    ...(count('signal') > 0 ? [`${count('signal')} by a signal`] : []),
    ...(count('running') > 0 ? [`${count('running')} not at all`] : []),
  ];
  const unseen = programs.filter(
    ({ how, blind }) => how === 'signal' || how === 'error' || blind !== undefined,
  );
  const asFar = unseen.length === 0 ? '' : `, as far as can be seen: ${unseen.length} could not be looked at`;
  const left = bad === 0 ? `nothing is left${asFar}` : `${bad} left something`;
  return `\`${command}\` ended with exit code ${exitCode}; of its ${programs.length} Node.js programs and threads ended ${parts.join(', ')}: ${left}`;
}
