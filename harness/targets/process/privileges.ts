import type { Target } from '../file/target.ts';

/** Capabilities that a target is started with on a route: those of all routes, and the route's own. */
export function privilegesOf({ privileges }: Pick<Target, 'privileges'>, route: string): string[] {
  return [...(privileges['*'] ?? []), ...(Object.hasOwn(privileges, route) ? (privileges[route] ?? []) : [])];
}
