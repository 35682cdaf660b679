import type { TargetRoute } from './route-schema.ts';
import type { Target } from './target.ts';

type Configured = Pick<Target, 'config' | 'routes' | 'settings'>;

/** Text of a route's config file, `{{…}}` as written; undefined if the route has none. */
export function configText(target: Pick<Target, 'config'>, route: TargetRoute): string | undefined {
  return route.config ?? target.config;
}

/** Settings that are available on a route: as arguments or variables, and with a config file those that have a text for it. */
export function settingsOfRoute(target: Configured, name: string): string[] {
  const route = Object.hasOwn(target.routes, name) ? target.routes[name] : undefined;
  const inFile = route !== undefined && (configText(target, route) ?? '').includes('{{settings}}');
  return Object.entries(target.settings)
    .filter(
      ([, setting]) =>
        setting.arguments !== undefined ||
        setting.environment !== undefined ||
        (inFile && setting.config !== undefined),
    )
    .map(([setting]) => setting);
}
