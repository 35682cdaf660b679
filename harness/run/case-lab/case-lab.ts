import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { type Address, formatAddress } from '../../../shared/address.ts';
import { Client } from '../../actors/client.ts';
import type { ReadConnecting, ReadRecords } from '../../actors/round.ts';
import { Upstream } from '../../actors/upstream.ts';
import { type SampleExchange, sampleExchange } from '../../actors/warm-up-script.ts';
import type { FaultContext } from '../../faults/fault-context.ts';
import { linkedSides } from '../../faults/fidelity.ts';
import { seesOnlyOwnProcesses } from '../../lab/network/namespace.ts';
import { FORWARDING, Network, type NetworkKind } from '../../lab/network/network.ts';
import type { Teardown } from '../../lab/teardown.ts';
import { trySignal } from '../../../shared/try-signal.ts';
import type { Observer } from '../../probe/observer.ts';
import { OsProbe } from '../../probe/outside/os-probe.ts';
import { orphansSince, readProcess } from '../../probe/outside/process-tree.ts';
import { starvedFor } from '../../lab/starvation.ts';
import { openProbe, type Probe } from '../../probe/host/probe.ts';
import { PLAIN } from '../../scenario/transport.ts';
import type { Case } from '../../scenario/case.ts';
import { acceptQueue } from '../../targets/process/accept-queue.ts';
import { AttachedTarget, type RunningTarget } from '../../targets/process/attached-target.ts';
import { endsWithHarness } from '../../targets/process/ends-with-harness.ts';
import { endLineReader } from '../../targets/figures/end-line.ts';
import { LogGauges } from '../../targets/figures/log-gauges.ts';
import { untilReady } from '../../targets/process/ready.ts';
import { hasPendingSignal } from '../../targets/process/pending-signal.ts';
import { pendingConnects } from '../../targets/process/pending-connects.ts';
import { privilegesOf } from '../../targets/process/privileges.ts';
import { targetArguments, textsOf, type TargetAddresses } from '../../targets/file/target-arguments.ts';
import { freePortNames, placeholderNames } from '../../targets/file/target-placeholders.ts';
import type { Target } from '../../targets/file/target.ts';
import { type Launch, TargetProcess } from '../../targets/process/target-process.ts';
import { IgnoringObserver } from '../observers/ignoring-observer.ts';
import { JoinedObserver } from '../observers/joined-observer.ts';
import { counting, publishing } from '../observers/with-published-figures.ts';
import { addressesOf } from './case-addresses.ts';
import { letsTimePass } from '../../scenario/case-traits.ts';
import { EndLineJournal } from '../end-line-journal.ts';
import type { Recorder } from '../../journal/recorder.ts';
import { allTransports, type Transports, transportsOf } from '../admission/transport-gap.ts';
import { RelativePositions } from './relative-positions.ts';
import type { SharedLab } from './shared-lab.ts';
import { TargetConfigFile } from './target-config-file.ts';
import { withoutFamily } from '../admission/without-family.ts';

/** All that stands around and in one case: actors, links, the target and the probe in it. */
export type CaseLab = FaultContext & {
  target: RunningTarget;
  /** all that looks at the target, joined */
  observer: Observer;
  /** the one inside a Node target */
  probe?: Probe;
  readRecords: ReadRecords;
  readConnecting: ReadConnecting;
  /** the exchange of warm-up and recovery */
  exchange: SampleExchange;
  /** whether the kernel holds connections that the target has not accepted; false where the system does not tell */
  acceptsPending: () => boolean;
  /** why the target cannot be tried with the case's IP version, seen once it is ready */
  withoutFamily: string | undefined;
  positions: RelativePositions;
  /** why the target is known to be no transparent pipe */
  opaque?: string;
};

export type CaseLabOptions = {
  case: Case;
  target: Target;
  shared: SharedLab;
  network: NetworkKind;
  recorder: Recorder;
  teardown: Teardown;
  signal: AbortSignal;
  /** folder that positions in findings are relative to */
  base: string;
  /** also preload why-is-node-running: costs async hooks, so only to explain an exit that did not come */
  explain: boolean;
};

/** Builds the lab of one case; everything built is handed to `teardown` at once. */
export async function buildCaseLab(options: CaseLabOptions): Promise<CaseLab> {
  const { shared, teardown, recorder } = options;
  const network = await Network.lay(options.network);
  teardown.add('the network', () => network.close());
  const {
    hosts,
    addresses: named,
    name,
    names,
  } = await addressesOf(options.case, network, recorder, teardown);
  const plan = options.case;
  const transports = transportsOf(plan, options.target) ?? { client: PLAIN };
  const needs = needsOf(options, transports);
  const certificates = needs.certificates ? await shared.certificates() : undefined;
  const sides = linkedSides(plan.faults);
  const running = options.target.pid === undefined ? undefined : options.target.attach;
  // a running target connects to where it was told to: there the upstream is, or the link before it
  const address =
    running?.upstream !== undefined && !sides.has('upstream')
      ? running.upstream
      : { host: hosts.upstream, port: await shared.ports.take() };
  const second = needs.second ? { host: hosts.upstream, port: await shared.ports.take() } : undefined;
  const lab = { pem: certificates?.pem, upstream: address };
  const upstream = new Upstream({
    address,
    named,
    transport: transports.upstream ?? PLAIN,
    lab,
    ...(second ? { second } : {}),
  });
  teardown.add('the upstream', () => {
    upstream.close();
  });
  await upstream.listen();
  const listen = running?.listen ?? { host: hosts.target, port: await shared.ports.take() };
  const entrance: Record<'client' | 'upstream', Address> = {
    client: listen,
    upstream: { ...upstream.address, host: name ?? address.host },
  };
  const links: FaultContext['links'] = {};
  for (const side of sides) {
    const { api } = await shared.toxiproxies();
    const behind = entrance[side];
    // on the harness's side of the cable, where Toxiproxy is; the target reaches the upstream's host
    const { host, port } =
      running?.upstream !== undefined && side === 'upstream'
        ? running.upstream
        : {
            host: side === 'client' ? hosts.client : hosts.upstream,
            port: await shared.ports.take(),
          };
    const link = await api.link(
      `${options.case.id}-${side}-${port}`,
      formatAddress({ host, port }),
      formatAddress(behind),
    );
    teardown.add(`the ${side} link`, () => link.remove());
    links[side] = link;
    entrance[side] = { host, port };
  }
  // the target starts after its peers, whose addresses it is told
  let acceptsOf: number | undefined;
  const pending = (): number => (acceptsOf === undefined ? 0 : (acceptQueue(acceptsOf, listen.port) ?? 0));
  const client = new Client({
    address: entrance.client,
    pending,
    transport: transports.client,
    server: transports.upstream === undefined,
    sample: options.target.routes[plan.route]?.request,
    lab: { ...lab, upstream: entrance.upstream },
    // a link hides the client's own address from the target
    notesSource: !links.client,
  });
  teardown.add('the clients', () => {
    client.release();
  });
  const freePorts = new Map<string, number>();
  for (const free of needs.freePorts) freePorts.set(free, await shared.ports.take());
  const configFile = needs.config ? await TargetConfigFile.prepare(teardown) : undefined;
  const addresses: TargetAddresses = {
    listen,
    upstream: entrance.upstream,
    admin: { host: listen.host, port: await shared.ports.take() },
    freePorts,
    ...(second ? { upstream2: second } : {}),
    ...(certificates ? { tls: certificates.files } : {}),
    ...(configFile ? { configPath: configFile.path } : {}),
  };
  const { target, probe, observer } =
    options.target.pid === undefined
      ? await startTarget(options, network, addresses, configFile)
      : await attachTo(options, options.target.pid, addresses);
  acceptsOf = target.pid;
  const reloadAs = async (route: string): Promise<void> => {
    if (target instanceof TargetProcess)
      await configFile?.reload(options.target, target, { route, settings: plan.settings }, addresses);
  };
  return {
    client,
    upstream,
    links,
    network,
    family: options.case.family,
    listen,
    entrance: entrance.upstream,
    addresses: named,
    names,
    target,
    observer,
    ...(probe === undefined ? {} : { probe }),
    targetPid: target.pid,
    lacks: shared.lacks,
    throwInTarget: async (thrown) => {
      if (probe !== undefined) return probe.fail(thrown);
      throw new LastfinError('LASTFIN_LAB', 'an error can be thrown only inside a Node target');
    },
    stopTarget: () => {
      target.signal(options.target.stop.signal);
    },
    signalPending: () => hasPendingSignal(target.pid),
    reload: async (route) => {
      await reloadAs(route);
      return () => reloadAs(plan.route);
    },
    withoutFamily: withoutFamily(options.case, target.pid, listen.port),
    acceptsPending: () => pending() > 0,
    readConnecting: () => pendingConnects(target.pid, entrance.upstream.port),
    readRecords: async () => (await observer.sample()).gauges['records'],
    exchange: sampleExchange(transports),
    positions: new RelativePositions(options.base),
  };
}

/** What the texts of the target and the transports of the case ask the lab for. */
function needsOf(
  { case: plan, target }: CaseLabOptions,
  transports: Transports,
): { certificates: boolean; second: boolean; config: boolean; freePorts: Set<string> } {
  const routes = [
    plan.route,
    ...plan.faults.flatMap((fault) => (fault.kind === 'reload' ? [fault.route] : [])),
  ];
  const texts = routes.flatMap((route) => textsOf(target, route));
  const names = texts.flatMap((text) => placeholderNames(text));
  return {
    certificates:
      names.some((name) => name.startsWith('tls.')) ||
      allTransports(plan, transports).some(({ tls }) => tls !== undefined),
    second: names.some((name) => name.startsWith('upstream.2.')),
    config: names.includes('config.path'),
    freePorts: freePortNames(texts),
  };
}

async function startTarget(
  options: CaseLabOptions,
  network: Network,
  addresses: TargetAddresses,
  configFile: TargetConfigFile | undefined,
): Promise<Pick<CaseLab, 'target' | 'probe' | 'observer'>> {
  const { recorder, teardown, signal } = options;
  const { kind } = options.target;
  const clocks = letsTimePass(options.case);
  const probe = kind === 'node' ? await openProbe({ why: options.explain, clocks, starvedFor }) : undefined;
  if (probe !== undefined) teardown.add('the probe', () => probe.close());
  const privileges = privilegesOf(options.target, options.case.route);
  // a host whose kernel is to forward is set up as a router, as its administrator would
  if (privileges.includes('net_admin') && options.network !== 'single')
    await network.setSysctls(FORWARDING, 'target');
  const { config, ...launch } = targetArguments(options.target, options.case, addresses);
  await configFile?.write(config);
  const target = await TargetProcess.spawn(probe === undefined ? launch : preloading(launch, probe), [
    ...network.startTarget(privileges),
    // the probe ends a target with the harness, too, but not one that is blocked or stopped
    ...(probe === undefined || options.network === 'none' ? endsWithHarness() : []),
  ]);
  options.shared.onTarget(target.pid);
  const since = readProcess(target.pid)?.started;
  teardown.add('the processes that it left', () => {
    // never where other people's processes are seen
    if (since === undefined || !seesOnlyOwnProcesses()) return;
    for (const { pid } of orphansSince(since)) trySignal(pid, 'SIGKILL');
  });
  teardown.add('the target', () => target.kill());
  const read = endLineReader(options.target.ends);
  const ends = new EndLineJournal(recorder, options.case.connections.count);
  const gauges = new LogGauges(options.target.gauges);
  const counters = new LogGauges(
    Object.fromEntries(Object.entries(options.target.counters).map(([name, up]) => [name, { up }])),
  );
  target.onLine((line) => {
    gauges.read(line);
    counters.read(line);
    const end = read(line);
    if (end) ends.write(end);
  });
  teardown.add('the log of the target', () => {
    ends.close();
    const { outputDropped } = target;
    if (outputDropped > 0)
      recorder.write({
        type: 'blind',
        what: `${outputDropped} characters of its output: their lines were too long`,
      });
  });
  await Promise.all([probe?.connected(), untilReady(target, options.target.ready, addresses, signal)]);
  const os = osProbe(options, target.pid, { ...addresses, ownSession: true });
  const joined = probe === undefined ? new JoinedObserver(os) : new JoinedObserver(probe, os);
  const observer = await withFigures(
    options,
    counting(joined, () => ({ gauges: gauges.values, counters: counters.values })),
    addresses,
  );
  return probe === undefined ? { target, observer } : { target, probe, observer };
}

/** Watches a process that others have started and will stop; there is no probe in it. */
async function attachTo(
  options: CaseLabOptions,
  pid: number,
  addresses: TargetAddresses,
): Promise<Pick<CaseLab, 'target' | 'probe' | 'observer'>> {
  const os = osProbe(options, pid, { ...addresses, ownSession: false });
  const { host, port } = addresses.listen;
  if (os.blind.length === 0 && !os.listensOn(port)) {
    const { file } = options.target.source;
    const message = `process ${pid} does not listen on ${host}:${port}, which \`attach.listen\` of ${file} says`;
    throw new LastfinError('LASTFIN_TARGET_INVALID', message, { facts: { pid, host, port, file } });
  }
  const target = new AttachedTarget(pid);
  options.teardown.add('the watch on the target', () => {
    target.leave();
  });
  return { target, observer: await withFigures(options, new JoinedObserver(os), addresses) };
}

function osProbe(
  { case: { connections } }: CaseLabOptions,
  pid: number,
  { listen, upstream, ownSession }: Pick<TargetAddresses, 'listen' | 'upstream'> & { ownSession: boolean },
): OsProbe {
  return new OsProbe({
    pid,
    ownSession,
    ownProcesses: seesOnlyOwnProcesses(),
    listen,
    upstream,
    connections: connections.count,
  });
}

async function withFigures(
  { target, signal }: CaseLabOptions,
  observer: Observer,
  { listen, admin }: TargetAddresses,
): Promise<Observer> {
  return new IgnoringObserver(await publishing(observer, target, { listen, admin }, signal), target.ignore);
}

/** A program that is not node itself, such as a shell script, passes the probe on through its environment. */
function preloading(launch: Launch, probe: Probe): Launch {
  const isNode = launch.command === 'node';
  return {
    command: launch.command,
    args: [...(isNode ? probe.importArgs : []), ...launch.args],
    env: { ...launch.env, ...probe.env, ...(isNode ? {} : { NODE_OPTIONS: probe.nodeOptions }) },
  };
}
