import type { RouteSettings } from '../settings.ts';

/** Route with hosts, for TLS. */
type Hosted = { settings: RouteSettings };

/**
 * Chooses the route for a server name: an exact name wins over a wildcard, a wildcard over `*`; among equals the first.
 *
 * @param serverName absent for a client without SNI: only `*` matches
 */
export function chooseRoute<T extends Hosted>(
  routes: readonly T[],
  serverName: string | undefined,
): T | undefined {
  const candidates = serverName === undefined ? ['*'] : [serverName, serverName.replace(/^[^.]+/, '*'), '*'];
  for (const candidate of candidates) {
    const found = routes.find(
      ({ settings }) => settings.mode !== 'tcp' && settings.hosts.includes(candidate),
    );
    if (found !== undefined) return found;
  }
  return undefined;
}
