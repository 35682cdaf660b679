/** Namespace of its own in the `hosts` and `routed` kinds; one and the same in `single`. */
export type Place = 'harness' | 'target' | 'router';

/** Veth pair. The device has the cable's name at both ends. */
export type Cable = 'client' | 'upstream' | 'uplink';

/** Addresses of one IP version. */
export type Hosts = {
  /** address that the clients connect from */
  client: string;
  /** address that the target listens on */
  target: string;
  /** address that the target's outgoing connections come from */
  targetOut: string;
  /** address that the upstream listens on */
  upstream: string;
};

type Version = 4 | 6;
type Plugged = { cable: Cable; near: Place; far: Place };

/** Network number of each cable: 10.199.N.0/24 and fd00:199:N::/64. */
const NUMBERS: Record<Cable, number> = { client: 1, upstream: 2, uplink: 3 };

/** Address of a cable's end: .1 at the near end, .2 at the far end, at the target or towards it. */
const address = (version: Version, cable: Cable, end: 1 | 2): string =>
  version === 4 ? `10.199.${NUMBERS[cable]}.${end}` : `fd00:199:${NUMBERS[cable]}::${end}`;

/** Cables of a network with the places that they join. */
export function cablesOf(kind: 'hosts' | 'routed'): Plugged[] {
  const client: Plugged = { cable: 'client', near: 'harness', far: 'target' };
  if (kind === 'hosts') return [client, { cable: 'upstream', near: 'harness', far: 'target' }];
  return [
    client,
    { cable: 'upstream', near: 'router', far: 'target' },
    { cable: 'uplink', near: 'harness', far: 'router' },
  ];
}

export function hostsOf(kind: 'hosts' | 'routed', version: Version): Hosts {
  return {
    client: address(version, 'client', 1),
    target: address(version, 'client', 2),
    targetOut: address(version, 'upstream', 2),
    upstream: address(version, kind === 'hosts' ? 'upstream' : 'uplink', 1),
  };
}

/** Lines for `ip -batch` in one place that has its devices: addresses, links up, and the routes across a router. */
export function linesFor(place: Place, kind: 'hosts' | 'routed', versions: readonly Version[]): string[] {
  const ends = cablesOf(kind).flatMap(({ cable, near, far }) => [
    ...(near === place ? [{ cable, end: 1 as const }] : []),
    ...(far === place ? [{ cable, end: 2 as const }] : []),
  ]);
  return [
    ...(place === 'harness' ? [] : ['link set lo up']),
    ...ends.flatMap(({ cable, end }) => [
      // without nodad an IPv6 address is of no use for its first second
      ...versions.map(
        (version) =>
          `address add ${address(version, cable, end)}/${version === 4 ? '24' : '64 nodad'} dev ${cable}`,
      ),
      `link set ${cable} up`,
    ]),
    ...routesOf(place, kind, versions),
  ];
}

/** Routes across a router, as lines for `ip -batch`; a device that goes down takes them with it. */
export function routesOf(place: Place, kind: 'hosts' | 'routed', versions: readonly Version[]): string[] {
  return kind === 'routed' ? versions.flatMap((version) => routesFor(place, version)) : [];
}

function routesFor(place: Place, version: Version): string[] {
  if (place === 'target')
    return [`route replace ${version === 4 ? '0.0.0.0/0' : '::/0'} via ${address(version, 'upstream', 1)}`];
  if (place === 'router') return [];
  const behind = version === 4 ? `10.199.${NUMBERS.upstream}.0/24` : `fd00:199:${NUMBERS.upstream}::/64`;
  return [`route replace ${behind} via ${address(version, 'uplink', 2)}`];
}

/** The device at which packets between the target and its peer on one side arrive in a place. */
export function deviceTowards(kind: 'hosts' | 'routed', place: Place, side: Exclude<Cable, 'uplink'>): Cable {
  return kind === 'routed' && place === 'harness' && side === 'upstream' ? 'uplink' : side;
}
