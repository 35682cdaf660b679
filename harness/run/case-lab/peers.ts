import { type Address, formatAddress } from '../../../shared/address.ts';
import { Client } from '../../actors/client.ts';
import { Upstream } from '../../actors/upstream.ts';
import type { FaultContext } from '../../faults/fault-context.ts';
import { linkedSides } from '../../faults/fidelity.ts';
import type { Certificates } from '../../lab/certificates.ts';
import type { Side } from '../../scenario/trigger.ts';
import { PLAIN } from '../../scenario/transport.ts';
import type { Transports } from '../admission/transport-gap.ts';
import type { OnKeys } from '../evidence/keep-evidence.ts';
import type { CaseAddresses } from './case-addresses.ts';
import type { CaseLabOptions } from './case-lab.ts';

/** Both actors and the links between them and the target. */
export type Peers = Pick<FaultContext, 'client' | 'upstream' | 'links'> & {
  /** addresses that the clients and the target connect to: the next in line, or the link before it */
  entrance: Record<Side, Address>;
  /** the upstream's second address */
  second?: Address;
};

export type PeersOptions = {
  place: CaseAddresses;
  transports: Transports;
  certificates: Certificates | undefined;
  /** whether the upstream has a second address */
  second: boolean;
  /** receives the keys of the actors' TLS sessions */
  onKeys: OnKeys | undefined;
  /** address on which the target listens */
  listen: Address;
  /** number of connections that wait for the target to accept them */
  pending: () => number;
};

/** Opens the upstream, the links and the client, in this order; the target, which is told their addresses, comes after. */
export async function openPeers(options: CaseLabOptions, peers: PeersOptions): Promise<Peers> {
  const { shared, teardown, target } = options;
  const { transports, place } = peers;
  const { hosts } = place;
  const second = peers.second ? { host: hosts.upstream, port: await shared.ports.take() } : undefined;
  const upstream = await openUpstream(options, peers, second);
  const entrance = { client: peers.listen, upstream: { ...upstream.address } };
  if (place.name !== undefined) entrance.upstream.host = place.name;
  const links = await openLinks(options, { hosts, entrance });
  const client = new Client({
    address: entrance.client,
    pending: peers.pending,
    transport: transports.client,
    server: transports.upstream === undefined,
    sample: target.routes[options.case.route]?.request,
    lab: { pem: peers.certificates?.pem, upstream: entrance.upstream, onKeys: peers.onKeys },
    // a link hides the client's own address from the target
    notesSource: !links.client,
  });
  teardown.add('the clients', () => {
    client.release();
  });
  return { client, upstream, links, entrance, ...(second === undefined ? {} : { second }) };
}

async function openUpstream(
  { case: { faults }, target, shared, teardown }: CaseLabOptions,
  { place: { hosts, addresses }, transports, certificates, onKeys }: PeersOptions,
  second: Address | undefined,
): Promise<Upstream> {
  const told = toldUpstream(target);
  // a running target connects to where it was told to: there the upstream is, or the link before it
  const address =
    told !== undefined && !linkedSides(faults).has('upstream')
      ? told
      : { host: hosts.upstream, port: await shared.ports.take() };
  const upstream = new Upstream({
    address,
    named: addresses,
    transport: transports.upstream ?? PLAIN,
    lab: { pem: certificates?.pem, upstream: address, onKeys },
    ...(second ? { second } : {}),
  });
  teardown.add('the upstream', () => {
    upstream.close();
  });
  await upstream.listen();
  return upstream;
}

/** Opens the links that the case's faults are on, and makes them the entrances of what is behind them. */
async function openLinks(
  { case: { id, faults }, target, shared, teardown }: CaseLabOptions,
  { hosts, entrance }: Pick<CaseAddresses, 'hosts'> & Pick<Peers, 'entrance'>,
): Promise<FaultContext['links']> {
  const links: FaultContext['links'] = {};
  for (const side of linkedSides(faults)) {
    const { api } = await shared.toxiproxies();
    const told = side === 'upstream' ? toldUpstream(target) : undefined;
    // Toxiproxy runs on the harness's side of the cable; from the target it has the upstream's address
    const { host, port } = told ?? {
      host: side === 'client' ? hosts.client : hosts.upstream,
      port: await shared.ports.take(),
    };
    const behind = formatAddress(entrance[side]);
    const link = await api.link(`${id}-${side}-${port}`, formatAddress({ host, port }), behind);
    teardown.add(`the ${side} link`, () => link.remove());
    links[side] = link;
    entrance[side] = { host, port };
  }
  return links;
}

/** Address of the upstream that an attached target was started with. */
function toldUpstream({ pid, attach }: CaseLabOptions['target']): Address | undefined {
  return pid === undefined ? undefined : attach?.upstream;
}
