import { existsSync, readFileSync, writeFileSync } from 'node:fs';

import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { type HeldNetwork, holdNetwork } from './held-network.ts';
import { type Cable, cablesOf, type Hosts, hostsOf, linesFor, type Place, routesOf } from './network-plan.ts';
import { networkState, stateDifference } from './network-state.ts';
import { findProgram, runTool, type SystemTool, toolPath } from '../system-tool.ts';

/**
 * Network of a case.
 *
 * - `none`: the machine's own loopback; nothing of it may be changed.
 * - `single`: a private network namespace with a loopback; client, target and upstream share it.
 * - `hosts`: the target is alone in a second namespace, joined to the harness by two cables:
 *
 *       harness (clients)  10.199.1.1 ───client─── 10.199.1.2  target
 *       harness (upstream) 10.199.2.1 ──upstream── 10.199.2.2  target
 *
 * - `routed`: the same, but a router stands between target and upstream:
 *
 *       target 10.199.2.2 ──upstream── 10.199.2.1  router  10.199.3.2 ──uplink── 10.199.3.1 harness (upstream)
 *
 * The same with IPv6: fd00:199:N::1 and ::2.
 */
export type NetworkKind = 'none' | 'single' | 'hosts' | 'routed';

const loopback = (host: string): Hosts => ({ client: host, target: host, targetOut: host, upstream: host });

/** Whether new devices get IPv6 addresses; a kernel may support IPv6 and have it switched off. */
export const HAS_IPV6: boolean = ['all', 'default'].every(
  (which) => readSysctl(`net.ipv6.conf.${which}.disable_ipv6`) === '0',
);
const VERSIONS = HAS_IPV6 ? ([4, 6] as const) : ([4] as const);

/** Sysctls that make a host a router. */
export const FORWARDING = { 'net.ipv4.ip_forward': 1, 'net.ipv6.conf.all.forwarding': 1 };

/** Shell script that prints each file with its content, `FILE:VALUE`, then reads lines `FILE VALUE` and writes the values, in one process. */
const SET_SYSCTLS = `grep -sH "" "$@"
while read -r file value; do
  if [ -e "$file" ]; then echo "$value" > "$file" || exit 1; fi
done`;

/** The harness's own place as it was before any case changed it: all of them must leave it like that, but a target that may change it. */
let pristine: Promise<string> | undefined;

/**
 * Network of one case: its addresses, and the operations that change it. Every change stays in namespaces of lastfin.
 * {@link close} removes it, and rejects if something in the harness's own place has changed.
 *
 * @example
 * const rule = 'table inet faults { chain in { type filter hook input priority 0; tcp dport 9000 drop; } }';
 * await network.run('nft', ['-f', '-'], { input: rule, where: 'target' });
 * const putBack = await network.pull('upstream', 'target');
 * const before = await network.setSysctl('net.ipv4.tcp_syn_retries', 1, 'target');
 */
export class Network {
  readonly kind: NetworkKind;
  /** IPv4 addresses */
  readonly hosts: Hosts;
  /** IPv6 addresses; absent where the kernel has no IPv6 */
  readonly hosts6: Hosts | undefined;
  readonly #held: Partial<Record<Place, HeldNetwork>> = {};
  /** devices of lastfin in the harness's own place */
  #devices: string[] = [];
  #changed = false;
  /** whether the target may change its own place, so that changes there are findings of its case */
  #targetMayChange = false;

  private constructor(kind: NetworkKind) {
    this.kind = kind;
    const apart = kind === 'hosts' || kind === 'routed';
    this.hosts = apart ? hostsOf(kind, 4) : loopback('127.0.0.1');
    // whether the machine itself has IPv6 was tested before the run
    if (kind === 'none') this.hosts6 = loopback('::1');
    else if (HAS_IPV6) this.hosts6 = apart ? hostsOf(kind, 6) : loopback('::1');
  }

  /** Sets up the network of a case; any kind but `none` only inside a namespace of lastfin. */
  static async lay(kind: NetworkKind): Promise<Network> {
    const network = new Network(kind);
    try {
      if (kind === 'hosts' || kind === 'routed') await network.#plug(kind);
    } catch (error) {
      await network.close();
      throw error;
    }
    return network;
  }

  /** Whether a program of the system is installed. */
  has(tool: SystemTool): boolean {
    return findProgram(tool) !== undefined;
  }

  /**
   * Runs `ip`, `nft`, `tc`, `ss` or `conntrack` in one of the places; resolves with its stdout.
   * Rejects with `LASTFIN_LAB` and the tool's message, or if there is no namespace for it.
   */
  async run(
    tool: SystemTool,
    toolArguments: readonly string[],
    { where = 'harness', input }: { where?: Place; input?: string } = {},
  ): Promise<string> {
    await this.#willChange();
    return runTool([...this.enter(where), toolPath(tool), ...toolArguments], input);
  }

  /** Value of a sysctl in the harness's own place; `undefined` if this kernel has none of that name. */
  sysctl(name: string): string | undefined {
    return readSysctl(name);
  }

  /** Sets a sysctl; resolves with its former value, or `undefined`, without a change, if this kernel has none of that name. */
  async setSysctl(
    name: string,
    value: string | number,
    where: Place = 'harness',
  ): Promise<string | undefined> {
    return (await this.setSysctls({ [name]: value }, where))[name];
  }

  /** Sets sysctls, in order; resolves with their former values, without those that this kernel does not have. */
  async setSysctls(
    values: Readonly<Record<string, string | number>>,
    where: Place = 'harness',
  ): Promise<Record<string, string>> {
    if (Object.keys(values).length === 0) return {};
    await this.#willChange();
    const enter = this.enter(where);
    const before: Record<string, string> = {};
    if (enter.length > 0) {
      // a process sees the sysctls of its own place
      const names = Object.keys(values);
      const input = names.map((name) => `${sysctlFile(name)} ${values[name]}\n`).join('');
      const shell = [...enter, '/bin/sh', '-c', SET_SYSCTLS, 'sh', ...names.map(sysctlFile)];
      const told = (await runTool(shell, input)).split('\n');
      for (const name of names) {
        const prefix = `${sysctlFile(name)}:`;
        const line = told.find((one) => one.startsWith(prefix));
        if (line !== undefined) before[name] = line.slice(prefix.length).trim();
      }
      return before;
    }
    for (const [name, value] of Object.entries(values)) {
      const was = this.sysctl(name);
      if (was === undefined) continue;
      // a line: without one an empty value is not written
      writeFileSync(sysctlFile(name), `${value}\n`);
      before[name] = was;
    }
    return before;
  }

  /**
   * Unplugs a cable at one of its ends; the returned function plugs it in again. The unplugged end loses its route
   * (ENETUNREACH), the other end receives nothing. Devices are named after their cables.
   */
  async pull(cable: Cable, where: Place): Promise<() => Promise<void>> {
    const { kind } = this;
    if (kind !== 'hosts' && kind !== 'routed')
      throw new LastfinError('LASTFIN_LAB', `a network of kind \`${kind}\` has no cable to pull`);
    await this.#willChange();
    await this.#batch(where, [`link set ${cable} down`]);
    return () => this.#batch(where, [`link set ${cable} up`, ...routesOf(where, kind, VERSIONS)]);
  }

  /** Prefix of a command that runs it in a place: nothing, or `nsenter …`, which becomes the command by exec. */
  enter(where: Place): string[] {
    const held = this.#held[where];
    return held === undefined ? [] : [toolPath('nsenter'), `--net=/proc/${held.pid}/ns/net`, '--'];
  }

  /**
   * Prefix of a target's command: it runs in its place, as the user who runs lastfin, with only `privileges` (such as `net_admin`)
   * of the harness's powers in its namespace, so that missing permissions show.
   */
  startTarget(privileges: readonly string[] = []): string[] {
    if (this.kind === 'none') return [];
    this.#targetMayChange ||= privileges.length > 0;
    const kept = ['-all', ...privileges.map((name) => `+${name}`)].join(',');
    const sets = ['--ambient-caps', '--inh-caps', '--bounding-set'].flatMap((set) => [set, kept]);
    return [...this.enter('target'), toolPath('setpriv'), ...sets, '--'];
  }

  /** Unplugs all cables and releases the other places. Rejects with `LASTFIN_LAB` if the harness's own place was left changed. */
  async close(): Promise<void> {
    // removing one end removes the other, too
    const lines = this.#devices.map((device) => `link del ${device}`);
    this.#devices = [];
    if (lines.length > 0) await this.#batch('harness', lines);
    for (const held of Object.values(this.#held)) await held.release();
    const before = pristine;
    if (this.#targetMayChange) pristine = undefined;
    if (!this.#changed) return;
    this.#changed = false;
    const left = stateDifference((await before) ?? '', await networkState());
    if (left === '') return;
    throw new LastfinError('LASTFIN_LAB', `the network was not put back as it was:\n${left}`, {
      facts: { left },
    });
  }

  async #willChange(): Promise<void> {
    if (this.kind === 'none') {
      throw new LastfinError('LASTFIN_LAB', 'the network of the machine itself is never changed');
    }
    pristine ??= networkState();
    await pristine;
    this.#changed = true;
  }

  async #plug(kind: 'hosts' | 'routed'): Promise<void> {
    await this.#willChange();
    const others: Place[] = kind === 'hosts' ? ['target'] : ['target', 'router'];
    for (const place of others) this.#held[place] = await holdNetwork();
    const pid = (place: Place): number => this.#held[place]?.pid ?? process.pid;
    const cables = cablesOf(kind);
    await this.#batch(
      'harness',
      cables.map(
        ({ cable, near, far }) =>
          `link add ${cable} netns ${pid(near)} type veth peer name ${cable} netns ${pid(far)}`,
      ),
    );
    this.#devices = cables.filter(({ near }) => near === 'harness').map(({ cable }) => cable);
    for (const place of ['harness', ...others] as const) {
      // otherwise an unplugged cable loses its IPv6 addresses for good
      await this.setSysctls(
        { 'net.ipv6.conf.all.keep_addr_on_down': 1, ...(place === 'router' ? FORWARDING : {}) },
        place,
      );
      await this.#batch(place, linesFor(place, kind, VERSIONS));
    }
  }

  async #batch(where: Place, lines: readonly string[]): Promise<void> {
    await runTool([...this.enter(where), toolPath('ip'), '-batch', '-'], `${lines.join('\n')}\n`);
  }
}

function readSysctl(name: string): string | undefined {
  const file = sysctlFile(name);
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}

function sysctlFile(name: string): string {
  return `/proc/sys/${name.replaceAll('.', '/')}`;
}
