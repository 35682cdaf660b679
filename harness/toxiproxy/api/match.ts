import type { Route } from './routes.ts';

export type Match =
  | { readonly kind: 'found'; readonly route: Route; readonly proxy: string; readonly toxic: string }
  | { readonly kind: 'moved'; readonly to: string }
  | { readonly kind: 'bad-path' | 'no-route' | 'no-method' };

/** Finds the route of a request as the real server's router (gorilla/mux) does. */
export function matchRoute(list: readonly Route[], method: string, url: string): Match {
  const [raw = '', ...query] = url.split('?');
  let path: string;
  try {
    path = decodeURIComponent(raw);
  } catch {
    return { kind: 'bad-path' };
  }
  const clean = cleanPath(path);
  if (clean !== path) {
    const to = encodeURI(clean).replaceAll('#', '%23').replaceAll('?', '%3F');
    return { kind: 'moved', to: [to, ...query].join('?') };
  }
  let pathFound = false;
  for (const route of list) {
    const names = matchPath(route.path, path);
    if (names === undefined) continue;
    if (route.methods === 'any' || route.methods.includes(method)) {
      return { kind: 'found', route, proxy: names['{proxy}'] ?? '', toxic: names['{toxic}'] ?? '' };
    }
    pathFound = true;
  }
  return { kind: pathFound ? 'no-method' : 'no-route' };
}

function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/');
  const parts = path.split('/');
  if (wanted.length !== parts.length) return undefined;
  const names: Record<string, string> = {};
  for (const [at, want] of wanted.entries()) {
    const part = parts[at] ?? '';
    if (want.startsWith('{') ? part === '' : part !== want) return undefined;
    names[want] = part;
  }
  return names;
}

/** Path without doubled slashes, `.` and `..`; a slash at the end stays. */
function cleanPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  const clean = `/${parts.join('/')}`;
  return path.endsWith('/') && clean !== '/' ? `${clean}/` : clean;
}
