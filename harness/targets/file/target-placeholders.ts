import { suggestion } from '../../../shared/yaml-file/did-you-mean.ts';

/** Placeholders `{{…}}` that are allowed anywhere in a target file; an address is `host:port`, `[::1]:9000` for IPv6. */
export const PLACEHOLDERS = [
  'listen.address',
  'listen.host',
  'listen.port',
  'upstream.address',
  'upstream.host',
  'upstream.port',
  'admin.address',
  'admin.host',
  'admin.port',
  'upstream.2.address',
  'upstream.2.host',
  'upstream.2.port',
  'config.path',
  'settings',
  'route',
  'tls.certificate',
  'tls.key',
  'tls.authority',
  'here',
  'root',
  'lastfin',
] as const;

/** Name of a free loopback port, `{{port.inner}}`; the same port wherever the name occurs. */
const FREE_PORT = /^port\.[a-z][a-z\d-]*$/;

/** Names of free ports in texts. */
export function freePortNames(texts: readonly string[]): Set<string> {
  return new Set(texts.flatMap((text) => placeholderNames(text)).filter((name) => FREE_PORT.test(name)));
}

/** Names in `{{…}}`. */
export function placeholderNames(text: string): string[] {
  return [...text.matchAll(ANY)].map(([, name = '']) => name.trim());
}

const ANY = /\{\{([^{}]*)\}\}/g;

/** Problems with the placeholders of a text; empty if there are none. */
export function placeholderProblems(text: string, known: readonly string[]): string[] {
  const problems = placeholderNames(text)
    .filter((name) => !known.includes(name) && !FREE_PORT.test(name))
    .map((name) => `unknown placeholder \`{{${name}}}\`${suggestion(name, known)}`);
  if (/\{\{|\}\}/.test(text.replace(ANY, ''))) problems.push(`a placeholder is not closed in \`${text}\``);
  return problems;
}

/** Fills in the placeholders; calls `missing` for one that has no value here. */
export function fillPlaceholders(
  text: string,
  values: ReadonlyMap<string, string>,
  missing: (name: string) => never,
): string {
  return text.replace(ANY, (_written, name: string) => values.get(name.trim()) ?? missing(name.trim()));
}
