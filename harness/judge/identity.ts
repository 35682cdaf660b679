import type { Position } from '../probe/protocol.ts';
import { lineOf } from './fingerprint.ts';

/** Position within a fingerprint: `tunnel.ts:41:9`. */
const POSITION = /[^\s/\\:]+:\d+:\d+/g;
const LONGEST_CODE = 80;

/**
 * Makes the identity of a finding that holds when lines move: each position in its fingerprint becomes file and function. A frame
 * without a function's name is told by its source line, or by the line's number where the source is not there.
 *
 * @param where positions of the fingerprint, in its order
 * @returns undefined if the fingerprint names no position: it is the identity
 * @example
 * identity('timer interval tunnel.ts:41:9', [{ file: 'src/tunnel.ts', line: 41, column: 9, name: 'open' }]); // 'timer interval tunnel.ts open'
 */
export function identity(fingerprint: string, where: readonly Position[]): string | undefined {
  let next = 0;
  const text = fingerprint.replaceAll(POSITION, (token) => {
    const index = next++;
    const position = where.find((one) => lineOf(one) === token) ?? where[index];
    return position === undefined ? token.replace(/:\d+$/, '') : stable(position);
  });
  return next === 0 ? undefined : text;
}

/** The field of a finding for {@link identity}, where it differs from the fingerprint. */
export function identified(fingerprint: string, where: readonly Position[]): { identity?: string } {
  const holds = identity(fingerprint, where);
  return holds === undefined ? {} : { identity: holds };
}

function stable({ file, line, name, code }: Position): string {
  const base = file.split(/[/\\]/).at(-1) ?? file;
  if (name !== undefined && name !== '') return `${base} ${name}`;
  return code === undefined || code === '' ? `${base}:${line}` : `${base} \`${code.slice(0, LONGEST_CODE)}\``;
}
