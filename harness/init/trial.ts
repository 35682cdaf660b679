import { type ChildProcess, spawn } from 'node:child_process';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { Ports } from '../lab/network/ports.ts';
import type { Told } from './address-names.ts';
import { FalseUpstreams } from './false-upstream.ts';
import { listeningPorts } from './listening-ports.ts';
import type { Program } from './project.ts';
import { type Recognised, recognise } from './recognise.ts';

/** A way of telling a program its addresses: arguments after its command, and variables. */
export type Attempt = { args: string[]; variables: Told[] };

/** Result of starting a program in one way. */
export type TrialResult = {
  attempt: Attempt;
  /** group of the variable by which the program learned where to listen, or `arguments`; absent when it did not listen where it was told */
  listen?: string;
  recognised?: Recognised;
  /** ports other than the given ones that the program listens on, as far as the system tells */
  elsewhere: number[];
  /** the end of its output */
  output: string;
  exit?: string;
};

const HOST = '127.0.0.1';
/** Group name of the addresses that are given as arguments. */
export const ARGUMENTS = 'arguments';

/** Starts a program in one way, sees where it listens and what it speaks, and ends it. Rejects for nothing but a broken lab. */
export async function tryProgram(
  program: Program,
  attempt: Attempt,
  { folder, within, signal }: { folder: string; within: number; signal?: AbortSignal },
): Promise<TrialResult> {
  const ports = new Ports();
  const upstreams = new FalseUpstreams();
  const groups = new Set([ARGUMENTS, ...attempt.variables.map(({ group }) => group)]);
  const listenPorts = new Map<string, number>();
  const upstreamPorts = new Map<string, number>();
  for (const group of groups) {
    if (group === ARGUMENTS || group.startsWith('listen')) listenPorts.set(group, await ports.take());
    if (group === ARGUMENTS || group.startsWith('upstream'))
      upstreamPorts.set(group, await upstreams.open(group));
  }
  const fill = (text: string, group: string): string =>
    filled(text, folder, listenPorts.get(group) ?? 0, upstreamPorts.get(group) ?? 0);
  const environment = {
    ...process.env,
    ...Object.fromEntries(
      Object.entries(program.environment).map(([name, text]) => [name, fill(text, ARGUMENTS)]),
    ),
    ...Object.fromEntries(attempt.variables.map(({ name, group, text }) => [name, fill(text, group)])),
  };
  const [command = '', ...args] = [...program.command, ...attempt.args].map((word) => fill(word, ARGUMENTS));
  const run = start(command === 'node' ? process.execPath : command, args, folder, environment);
  try {
    const listen = await untilListening(listenPorts, run, within, signal);
    const port = listen === undefined ? undefined : listenPorts.get(listen);
    const recognised = port === undefined ? undefined : await recognise({ host: HOST, port }, upstreams);
    return {
      attempt,
      ...(listen === undefined ? {} : { listen }),
      ...(recognised === undefined ? {} : { recognised }),
      elsewhere: run.child.pid === undefined || port !== undefined ? [] : listeningPorts(run.child.pid),
      output: run.output(),
      ...(run.exit() === undefined ? {} : { exit: run.exit() as string }),
    };
  } finally {
    await run.kill();
    upstreams.close();
  }
}

/** Fills the placeholders of target files with the addresses of a trial. */
function filled(text: string, folder: string, listen: number, upstream: number): string {
  return text
    .replaceAll('{{here}}', folder)
    .replaceAll('{{root}}', folder)
    .replaceAll('{{listen.host}}', HOST)
    .replaceAll('{{listen.port}}', String(listen))
    .replaceAll('{{listen.address}}', `${HOST}:${listen}`)
    .replaceAll('{{upstream.host}}', HOST)
    .replaceAll('{{upstream.port}}', String(upstream))
    .replaceAll('{{upstream.address}}', `${HOST}:${upstream}`);
}

type Running = {
  child: ChildProcess;
  output: () => string;
  exit: () => string | undefined;
  kill: () => Promise<void>;
};

function start(command: string, args: string[], cwd: string, env: NodeJS.ProcessEnv): Running {
  let output = '';
  let exit: string | undefined;
  // a process group of its own: whatever the program has started ends with it
  const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-2000);
    });
  }
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      exit = error.message;
      resolve();
    });
    child.once('exit', (code, signal) => {
      exit = `exit code ${signal ?? code}`;
      resolve();
    });
  });
  const kill = async (): Promise<void> => {
    if (child.pid !== undefined) {
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // the whole process group has exited
      }
    }
    await ended;
  };
  return { child, output: () => output, exit: () => exit, kill };
}

/** Longest wait for a program that listens on other ports than told. ms */
const ELSEWHERE = 600;

/** The group whose port accepts first, or undefined when none does in time, the program has exited, or it listens elsewhere. */
async function untilListening(
  listenPorts: ReadonlyMap<string, number>,
  { child, exit }: Running,
  within: number,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const end = performance.now() + within;
  let strayed: number | undefined;
  while (performance.now() < end && exit() === undefined) {
    for (const [group, port] of listenPorts) if (await accepts(port)) return group;
    if (child.pid !== undefined && listeningPorts(child.pid).length > 0) strayed ??= performance.now();
    if (strayed !== undefined && performance.now() - strayed > ELSEWHERE) return undefined;
    await delay(40, undefined, signal === undefined ? {} : { signal });
  }
  return undefined;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host: HOST, port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
