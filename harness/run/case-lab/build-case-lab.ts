import type { Address } from '../../../shared/address.ts';
import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { sampleExchange } from '../../actors/warm-up-script.ts';
import type { FaultContext } from '../../faults/fault-context.ts';
import type { Certificates } from '../../lab/certificates.ts';
import { Network } from '../../lab/network/network.ts';
import { PLAIN } from '../../scenario/transport.ts';
import type { TargetAddresses } from '../../targets/file/target-arguments.ts';
import { acceptQueue } from '../../targets/process/accept-queue.ts';
import { pendingConnects } from '../../targets/process/pending-connects.ts';
import { hasPendingSignal } from '../../targets/process/pending-signal.ts';
import { TargetProcess } from '../../targets/process/target-process.ts';
import { transportsOf } from '../admission/transport-gap.ts';
import { withoutFamily } from '../admission/without-family.ts';
import { keepEvidence } from '../evidence/keep-evidence.ts';
import { attachTarget } from './attach-target.ts';
import { addressesOf } from './case-addresses.ts';
import type { CaseLab, CaseLabOptions, TargetInLab } from './case-lab.ts';
import { labNeeds, type LabNeeds } from './lab-needs.ts';
import { openPeers, type Peers } from './peers.ts';
import { Series } from '../series/series.ts';
import { RelativePositions } from './relative-positions.ts';
import { startTarget } from './start-target.ts';
import { TargetConfigFile } from './target-config-file.ts';

/** Builds the lab of one case; everything built is handed to `teardown` at once. */
export async function buildCaseLab(options: CaseLabOptions): Promise<CaseLab> {
  const { shared, teardown, recorder, case: testCase } = options;
  const { pid } = options.target;
  const network = await Network.lay(options.network);
  teardown.add('the network', () => network.close());
  const onKeys = await keepEvidence(options.evidence, options.network, options);
  const place = await addressesOf(testCase, network, recorder, teardown);
  const transports = transportsOf(testCase, options.target) ?? { client: PLAIN };
  const needs = labNeeds(options, transports);
  const certificates = needs.certificates ? await shared.certificates() : undefined;
  const attach = pid === undefined ? undefined : options.target.attach;
  const listen = attach?.listen ?? { host: place.hosts.target, port: await shared.ports.take() };
  let acceptsOf: number | undefined;
  const pending = (): number => (acceptsOf === undefined ? 0 : (acceptQueue(acceptsOf, listen.port) ?? 0));
  const peers = await openPeers(options, {
    place,
    transports,
    certificates,
    second: needs.second,
    listen,
    pending,
    onKeys,
  });
  const configFile = needs.config ? await TargetConfigFile.prepare(teardown) : undefined;
  const addresses = await addressesToTell(options, { listen, peers, certificates, needs, configFile });
  const inLab =
    pid === undefined
      ? await startTarget(options, { network, addresses, configFile })
      : await attachTarget(options, { pid, addresses });
  const { target } = inLab;
  const series = new Series(recorder, { pid: target.pid, ownSession: pid === undefined });
  teardown.add('the looks at the target', () => series.stop());
  const observer = series.listeningTo(inLab.observer);
  acceptsOf = target.pid;
  const { client, upstream, links, entrance } = peers;
  return {
    ...inLab,
    observer,
    series,
    evidence: options.evidence,
    ...handsOnTarget(options, inLab, { configFile, addresses }),
    client,
    upstream,
    links,
    network,
    family: testCase.family,
    listen,
    entrance: entrance.upstream,
    addresses: place.addresses,
    names: place.names,
    targetPid: target.pid,
    lacks: shared.lacks,
    withoutFamily: withoutFamily(testCase, target.pid, listen.port),
    acceptsPending: () => pending() > 0,
    readConnecting: () => pendingConnects(target.pid, entrance.upstream.port),
    readRecords: async () => (await observer.sample()).gauges['records'],
    exchange: sampleExchange(transports),
    positions: new RelativePositions(options.base),
  };
}

/** Addresses, ports and files that the target is told when it is started. */
async function addressesToTell(
  { shared }: CaseLabOptions,
  {
    listen,
    peers: { entrance, second },
    certificates,
    needs,
    configFile,
  }: {
    listen: Address;
    peers: Peers;
    certificates: Certificates | undefined;
    needs: LabNeeds;
    configFile: TargetConfigFile | undefined;
  },
): Promise<TargetAddresses> {
  const freePorts = new Map<string, number>();
  for (const name of needs.freePorts) freePorts.set(name, await shared.ports.take());
  return {
    listen,
    upstream: entrance.upstream,
    admin: { host: listen.host, port: await shared.ports.take() },
    freePorts,
    ...(second ? { upstream2: second } : {}),
    ...(certificates ? { tls: certificates.files } : {}),
    ...(configFile ? { configPath: configFile.path } : {}),
  };
}

/** The faults that act on the target itself. */
function handsOnTarget(
  options: CaseLabOptions,
  { target, probe }: TargetInLab,
  { configFile, addresses }: { configFile: TargetConfigFile | undefined; addresses: TargetAddresses },
): Pick<FaultContext, 'throwInTarget' | 'stopTarget' | 'signalPending' | 'reload'> {
  const { route: ownRoute, settings } = options.case;
  const reloadAs = async (route: string): Promise<void> => {
    if (target instanceof TargetProcess)
      await configFile?.reload(options.target, target, { route, settings }, addresses);
  };
  return {
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
      return () => reloadAs(ownRoute);
    },
  };
}
