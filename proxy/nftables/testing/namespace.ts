import { spawn, spawnSync } from 'node:child_process';
import { Program } from './program.ts';

/** Environment whose PATH has the folders of network programs, such as /usr/sbin. */
const environment = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`, LC_ALL: 'C' };

/** Reason why no namespace with nftables can be made here; undefined if it can. */
export function whyNoNamespace(): string | undefined {
  const script = 'ip link set lo up && nft list tables && mount -t tmpfs none /run';
  const tried = spawnSync('unshare', ['-Urnm', 'sh', '-c', script], { encoding: 'utf8', env: environment });
  if (tried.status === 0) return undefined;
  return `no private namespace with nftables here: ${tried.error?.message ?? tried.stderr.trim()}`;
}

/** Private user, network and mount namespaces, in which programs run as root. */
export class Namespace {
  readonly #holder: Program;
  readonly #programs: Program[] = [];

  private constructor(holder: Program) {
    this.#holder = holder;
  }

  /** @param setup shell commands to run in it first */
  static async create(setup = ''): Promise<Namespace> {
    const script = `set -e; ip link set lo up; ${setup}\n echo ready; exec cat >/dev/null`;
    const child = spawn('unshare', ['-Urnm', 'sh', '-c', script], { env: environment });
    const namespace = new Namespace(new Program(child));
    await namespace.#holder.line('ready');
    return namespace;
  }

  start(command: string, ...args: string[]): Program {
    const enter = ['-t', String(this.#holder.pid), '-U', '-n', '-m', '--preserve-credentials'];
    const program = new Program(
      spawn('nsenter', [...enter, '--wd=.', command, ...args], { env: environment }),
    );
    this.#programs.push(program);
    return program;
  }

  /** Starts a program in a network namespace that the set-up has made with `ip netns add`. */
  startIn(host: string, command: string, ...args: string[]): Program {
    return this.start('ip', 'netns', 'exec', host, command, ...args);
  }

  /** Runs a command and returns its output. @throws if it fails */
  async run(command: string, ...args: string[]): Promise<string> {
    const program = this.start(command, ...args);
    const code = await program.exited();
    if (code !== 0) throw new Error(`${command} ${args.join(' ')}: ${String(code)} ${program.stderr}`);
    return program.lines.join('\n');
  }

  /** Ends everything in it. */
  async close(): Promise<void> {
    for (const program of this.#programs) program.kill('SIGKILL');
    await Promise.all(this.#programs.map((program) => program.exited()));
    await this.#holder.finish();
  }
}

/** Rules of the machine itself; undefined if reading them is not permitted. */
export async function machineRules(): Promise<string | undefined> {
  const child = new Program(spawn('nft', ['list', 'ruleset'], { env: environment }));
  return (await child.exited()) === 0 ? child.lines.join('\n') : undefined;
}
