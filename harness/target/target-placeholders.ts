import { suggestion } from '../../yaml-file/did-you-mean.ts';

/** What `{{…}}` may stand for anywhere in a target file; an address is `host:port`, `[::1]:9000` for IPv6. */
export const PLACEHOLDERS = [
  'listen.address',
  'listen.host',
  'listen.port',
  'upstream.address',
  'upstream.host',
  'upstream.port',
  'route',
  'tls.certificate',
  'tls.key',
  'tls.authority',
  'here',
  'root',
  'lastfin',
] as const;

const ANY = /\{\{([^{}]*)\}\}/g;

/** What is wrong with the placeholders of a text; empty when nothing is. */
export function placeholderProblems(text: string, known: readonly string[]): string[] {
  const names = [...text.matchAll(ANY)].map(([, name = '']) => name.trim());
  const problems = names
    .filter((name) => !known.includes(name))
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
