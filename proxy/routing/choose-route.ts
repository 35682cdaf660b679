import type { RouteSettings } from '../settings.ts';

/** What can be asked for a TLS route by its hosts. */
type Hosted = { settings: RouteSettings };

/**
 * The route for a server name: the exact name before the wildcard, the wildcard before `*`; of two alike the first one.
 *
 * @param serverName absent for a client without SNI: only `*` takes it
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
