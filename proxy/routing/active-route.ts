import type { Limits } from '../limits/limits.ts';
import type { RouteSettings } from '../settings.ts';
import { Terminator } from '../tls/terminator.ts';
import type { TerminatorServices } from '../tls/terminator.ts';

/** Route of a running proxy. */
export type ActiveRoute = {
  readonly settings: RouteSettings;
  /** inner proxy of a route that terminates TLS */
  readonly terminator: Terminator | undefined;
};

export function createRoute(
  settings: RouteSettings,
  limits: Limits,
  services: TerminatorServices,
): ActiveRoute {
  const terminator =
    settings.mode === 'tls-terminate' ? new Terminator(settings, limits, services) : undefined;
  return { settings, terminator };
}
