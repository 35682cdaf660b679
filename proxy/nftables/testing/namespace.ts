import { spawn, spawnSync } from 'node:child_process';
import { Program } from './program.ts';

/** Network programs are the administrator's: /usr/sbin is not in everybody's PATH. */
const environment = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`, LC_ALL: 'C' };

/** Why no namespace with nftables can be made here; undefined where it can. */
export function whyNoNamespace(): string | undefined {
  const script = 'ip link set lo up && nft list tables && mount -t tmpfs none /run';
  const tried = spawnSync('unshare', ['-Urnm', 'sh', '-c', script], { encoding: 'utf8', env: environment });
  if (tried.status === 0) return undefined;
  return `no private namespace with nftables here: ${tried.error?.message ?? tried.stderr.trim()}`;
}

/** Private user, network and mount namespaces; programs run in them as their root. */
export class Namespace {
  readonly #holder: Program;
  readonly #programs: Program[] = [];

  private constructor(holder: Program) {
    this.#holder = holder;
  }

  /** @param setup shell commands, run in it first */
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

  /** In a network namespace that the set-up has made with `ip netns add`. */
  startIn(host: string, command: string, ...args: string[]): Program {
    return this.start('ip', 'netns', 'exec', host, command, ...args);
  }

  /** What a command prints. @throws where it fails */
  async run(command: string, ...args: string[]): Promise<string> {
    const program = this.start(command, ...args);
    const code = await program.exited();
    if (code !== 0) throw new Error(`${command} ${args.join(' ')}: ${String(code)} ${program.stderr}`);
    return program.lines.join('\n');
  }

  /** Nothing of it is left afterwards. */
  async close(): Promise<void> {
    for (const program of this.#programs) program.kill('SIGKILL');
    await Promise.all(this.#programs.map((program) => program.exited()));
    await this.#holder.finish();
  }
}

/** All rules of the machine itself; undefined where one may not even look. */
export async function machineRules(): Promise<string | undefined> {
  const child = new Program(spawn('nft', ['list', 'ruleset'], { env: environment }));
  return (await child.exited()) === 0 ? child.lines.join('\n') : undefined;
}
