import { spawn } from 'node:child_process';
import path from 'node:path';

import { Command, Option } from '../../../shared/vendor/commander.ts';

import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { chooseCases, type Offered } from '../../init/choose-cases.ts';
import { findWay, type Way } from '../../init/find-way.ts';
import { installedLastfin, programOf, type Project, readProject } from '../../init/project.ts';
import { PROTOCOLS, type Spoken } from '../../init/recognise.ts';
import { FILES, scenarioText, type Subject, targetText, workflowText } from '../../init/texts.ts';
import { addLine, writeNew, type Written } from '../../init/write-files.ts';
import { compiled } from '../../../shared/package-root.ts';
import { interruptible } from '../process/interruption.ts';

type InitOptions = {
  yes: boolean;
  command?: string;
  speaks?: Spoken;
  upstream: boolean;
  github?: true;
  force: boolean;
  run: boolean;
};

export const initCommand = new Command('init')
  .description(
    'Writes a target file and a first scenario for the program of this folder, and runs three cases.',
  )
  .option('-y, --yes', 'ask nothing: find everything out by trying', false)
  .option(
    '--command <line>',
    'command that starts the program; {{listen.port}}, {{upstream.address}} and the like may stand in it',
  )
  .addOption(
    new Option(
      '--speaks <protocol>',
      'protocol that its clients speak (default: found out by trying)',
    ).choices(PROTOCOLS),
  )
  .option('--no-upstream', 'the program is a server: it answers by itself')
  .option('--github', 'also write a workflow for GitHub Actions')
  .option('--force', 'replace existing files', false)
  .option('--no-run', 'write the files without running cases')
  .action(async (options: InitOptions) => {
    const interruption = interruptible();
    try {
      process.exitCode = await init(process.cwd(), options, interruption.signal);
    } finally {
      interruption.dispose();
    }
  });

async function init(folder: string, given: InitOptions, signal: AbortSignal): Promise<number> {
  const project = readProject(folder);
  const asked = await questions(project, given);
  const way = await findProgram(project, asked, signal);
  const subject = subjectOf(project, way, asked);
  say(`starts with: ${way.command.join(' ').replaceAll('{{here}}/', '')}`);
  for (const [name, text] of Object.entries(way.environment)) say(`environment: ${name}=${text}`);
  say(`speaks: ${subject.speaks.join(', ')}${subject.upstream ? '' : ' (a server without an upstream)'}`);
  if (way.recognised.speaks.length === 0 && asked.speaks === undefined) say(unrecognised(way));
  const written = [
    writeNew(folder, FILES.target, targetText(subject), given.force),
    writeNew(folder, FILES.scenario, scenarioText(subject), given.force),
    addLine(folder, '.gitignore', 'reports/'),
    ...(asked.github ? [writeNew(folder, FILES.workflow, workflowText(), given.force)] : []),
  ];
  for (const one of written) say(describeWritten(one));
  if (!given.run) return 0;
  const code = await firstRun(folder, { routes: subject.speaks, upstream: subject.upstream }, signal);
  process.stdout.write(nextSteps());
  // findings are no failure of this command
  return code === 1 ? 0 : code;
}

type Asked = { command?: string; speaks?: Spoken; upstream: boolean; github: boolean };

async function questions(project: Project, given: InitOptions): Promise<Asked> {
  const { command, speaks, upstream, github } = given;
  const known = {
    ...(command === undefined ? {} : { command }),
    ...(speaks === undefined ? {} : { speaks }),
    ...(github === undefined ? {} : { github }),
  };
  const isTerminal = process.stdin.isTTY && process.stdout.isTTY;
  if (given.yes || !isTerminal) return { ...known, upstream, github: github === true };
  // loaded only where somebody can answer: the prompts take their time
  const { ask } = await import('../../init/ask.ts');
  const found = project.programs[0];
  return ask(found?.command.join(' ').replaceAll('{{here}}/', ''), {
    ...known,
    ...(upstream ? {} : { upstream }),
  });
}

/** Tries programs until one listens where it is told. */
async function findProgram(
  project: Project,
  { command, upstream }: Asked,
  signal: AbortSignal,
): Promise<Way> {
  const programs =
    command === undefined ? project.programs : [programOf(project.folder, command, '--command')];
  if (programs.length === 0)
    throw new LastfinError(
      'LASTFIN_USAGE',
      `no program found in ${project.folder}: no \`scripts.start\`, \`bin\` or \`main\` in package.json, and no server.js, index.js or the like\nname it: npx lastfin init --command 'node path/to/server.js', or 'python3 server.py', or any other program`,
    );
  const errors: unknown[] = [];
  for (const program of programs.slice(0, 3)) {
    say(`trying ${program.command.join(' ').replaceAll('{{here}}/', '')} (${program.from})`);
    try {
      return await findWay(project, program, { upstream, signal });
    } catch (error) {
      signal.throwIfAborted();
      errors.push(error);
    }
  }
  throw errors[0];
}

function subjectOf(
  { name, folder }: Project,
  { command, environment, recognised }: Way,
  asked: Asked,
): Subject {
  const [first = ''] = command;
  const isNode =
    first === 'node' || first.startsWith('{{here}}/node_modules/.bin/') || /\.[cm]?js$/.test(first);
  const { forward, upstream } = recognised;
  const speaks = asked.speaks === undefined ? recognised.speaks : [asked.speaks];
  // a client of CONNECT or SOCKS names the upstream: the program has one without having been told
  const reaches =
    upstream !== undefined || forward || speaks.some((one) => one === 'connect' || one === 'socks5');
  return {
    name,
    lastfin: installedLastfin(folder),
    kind: isNode ? 'node' : 'program',
    command,
    environment,
    speaks: speaks.length === 0 ? ['tcp'] : speaks,
    forward,
    upstream: asked.upstream && (reaches || (asked.speaks !== undefined && asked.speaks !== 'http')),
  };
}

function unrecognised({ recognised }: Way): string {
  return recognised.tls
    ? 'it speaks TLS: say in the target file what is inside, such as { client: https, upstream: http }, and give it {{tls.certificate}} and {{tls.key}}'
    : 'it took a connection and said nothing: `--speaks` says what it is; tcp is assumed';
}

function describeWritten({ file, done }: Written): string {
  if (done === 'left alone')
    return `left alone: ${file} (${file === '.gitignore' ? 'it has the entry' : 'it is there; --force replaces it'})`;
  return `${done}: ${file}`;
}

/** Runs three cases as a user would, in a process of their own, on the same terminal. */
async function firstRun(folder: string, offered: Offered, signal: AbortSignal): Promise<number> {
  const cases = await chooseCases(folder, FILES.scenario, offered, signal);
  process.stdout.write(`\n$ npx lastfin run ${cases.map((id) => `--case '${id}'`).join(' ')}\n`);
  const args = [compiled('harness/cli/main.js'), 'run', ...cases.flatMap((id) => ['--case', id])];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    // Ctrl-C reaches the child too, which takes down what it has started
    child.once('exit', (code) => resolve(code ?? 130));
  });
}

function nextSteps(): string {
  return `
next:
  npx lastfin run                the whole suite on your program
  npx lastfin run scenarios      your own scenarios: ${FILES.scenario} is the first
  npx lastfin list               what there is to run
  ${path.join('.', FILES.target)}                   say there what it promises: settings, drain, routes
  npx lastfin doctor             what this machine can do, and how to have more
`;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
