import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import { addressNames, ALWAYS_SET, type AddressNames } from './address-names.ts';
import { type Program, type Project, sourcesOf } from './project.ts';
import type { Recognised } from './recognise.ts';
import { ARGUMENTS, type Attempt, type TrialResult, tryProgram } from './trial.ts';

/** How a program is started and told its addresses, as a target file says it. */
export type Way = {
  command: string[];
  environment: Record<string, string>;
  recognised: Recognised;
};

export type FindOptions = {
  /** false: the program is a server, and no upstream is looked for */
  upstream: boolean;
  signal?: AbortSignal;
  /** called before each start with the arguments and variables that are tried */
  onAttempt?: (attempt: Attempt) => void;
};

/** Longest wait for the first start, from a cold disk, and for the later ones. ms */
const FIRST = 6000;
const NEXT = 2500;
/** Time after which no other way is tried. ms */
const BUDGET = 30_000;

/**
 * Starts a program in one way after the other until it listens where it was told and connects to the upstream that it was told.
 *
 * @throws LastfinError `LASTFIN_TARGET_START` when it never listens where it is told, with the ways that were tried and its output
 */
export async function findWay(project: Project, program: Program, options: FindOptions): Promise<Way> {
  const { folder } = project;
  const source = sourcesOf(project, program);
  const names = addressNames(source, project.dependencies);
  const wantsUpstream = options.upstream && names.hasUpstream;
  const started = performance.now();
  const failed: TrialResult[] = [];
  let best: TrialResult | undefined;
  for (const attempt of attempts(program, source, project.dependencies, names)) {
    if (failed.length > 0 && performance.now() - started > BUDGET) break;
    options.onAttempt?.(attempt);
    const within = failed.length === 0 && best === undefined ? FIRST : NEXT;
    const result = await tryProgram(program, attempt, {
      folder,
      within,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    if (result.listen === undefined) failed.push(result);
    else if (isBetter(result, best)) best = result;
    if (best !== undefined && isEnough(best, wantsUpstream)) break;
  }
  if (best?.recognised === undefined) throw neverListened(program, failed);
  return wayOf(program, best, best.recognised);
}

/** Whether nothing more can be learned by starting it in another way. */
function isEnough({ recognised }: TrialResult, wantsUpstream: boolean): boolean {
  if (recognised === undefined) return false;
  if (recognised.upstream !== undefined || !wantsUpstream || recognised.tls) return true;
  return recognised.forward || recognised.speaks.some((one) => one === 'connect' || one === 'socks5');
}

function isBetter(result: TrialResult, than: TrialResult | undefined): boolean {
  const worth = ({ recognised }: TrialResult): number =>
    (recognised?.upstream === undefined ? 0 : 2) + ((recognised?.speaks.length ?? 0) > 0 ? 1 : 0);
  return than === undefined || worth(result) > worth(than);
}

function* attempts(
  { command }: Program,
  source: string,
  dependencies: readonly string[],
  names: AddressNames,
): Generator<Attempt> {
  // the command names the addresses already
  if (command.some((word) => word.includes('{{listen.'))) {
    yield { args: [], variables: [] };
    return;
  }
  const { variables, listenArguments, upstreamArguments } = names;
  yield { args: [], variables };
  const addresses = addressNames(source, dependencies, 'address').variables;
  if (addresses.some(({ text }, index) => text !== variables[index]?.text))
    yield { args: [], variables: addresses };
  const listens = [...listenArguments, []];
  for (const listen of listens) {
    for (const upstream of upstreamArguments.filter(([flag = '']) => flag.startsWith('--')))
      yield { args: [...listen, ...upstream], variables };
    if (listen.length > 0) yield { args: listen, variables };
  }
  for (const upstream of upstreamArguments.filter(([flag = '']) => !flag.startsWith('--'))) {
    yield { args: ['{{listen.port}}', ...upstream], variables };
    yield { args: ['{{listen.address}}', ...upstream], variables };
  }
  yield { args: ['{{listen.port}}'], variables };
}

/** Keeps only the names that the program reads: others would puzzle its owner in the target file. */
function wayOf(program: Program, { attempt, listen }: TrialResult, recognised: Recognised): Way {
  const read = attempt.variables.filter(({ group }) => group === listen || group === recognised.upstream);
  const prefix = (group: string): string => group.split(' ').slice(0, 2).join(' ');
  // a host goes with the port of the same name
  const told = attempt.variables.filter(({ group }) =>
    read.some((one) => prefix(one.group) === prefix(group)),
  );
  const environment = Object.fromEntries(
    told.filter(({ name }) => !ALWAYS_SET.includes(name)).map(({ name, text }) => [name, text]),
  );
  const usesArguments = listen === ARGUMENTS || recognised.upstream === ARGUMENTS;
  return {
    command: [...program.command, ...(usesArguments ? attempt.args : [])],
    environment: { ...program.environment, ...environment },
    recognised,
  };
}

function neverListened({ command, from }: Program, failed: readonly TrialResult[]): LastfinError {
  const elsewhere = failed.findLast((result) => result.elsewhere.length > 0)?.elsewhere ?? [];
  const last = failed.findLast(({ output }) => output.trim() !== '') ?? failed.at(-1);
  const tried = failed.map(({ attempt }) => `  ${describe(attempt)}`);
  const lines = [
    `\`${command.join(' ')}\` (${from}) did not listen where it was told; tried:`,
    ...new Set(tried),
    ...(elsewhere.length === 0
      ? []
      : [
          `it listens on port ${elsewhere.join(', ')} whatever it is told: each case needs a port of its own`,
        ]),
    ...(last?.exit === undefined ? [] : [`it ended with ${last.exit}`]),
    ...(last === undefined || last.output.trim() === ''
      ? []
      : [last.output.trim().replaceAll(/^/gm, '  | ')]),
    "say how it takes its addresses: lastfin init --command 'node server.js --port {{listen.port}} --to {{upstream.address}}'",
  ];
  return new LastfinError('LASTFIN_TARGET_START', lines.join('\n'), { facts: { command, elsewhere } });
}

/** An attempt in words: `--port {{listen.port}}, PORT={{listen.port}}`. */
export function describe({ args, variables }: Attempt): string {
  const texts = [args.join(' '), variables.map(({ name }) => name).join(', ')].filter((text) => text !== '');
  return texts.length === 0 ? 'the command as it is' : texts.join(' with ');
}
