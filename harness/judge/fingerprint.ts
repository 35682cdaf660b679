import type { Position } from '../probe/protocol.ts';

/** Folders in front of a file name: they differ between checkouts. */
const FOLDERS = /(?<![\w.])(?:file:\/\/|[A-Za-z]:)?\.{0,2}\/(?:[\w@.+-]+\/)*/g;
/** Long run of hexadecimal digits, such as an address, a hash or an id. */
const HEX = /\b(?=[a-f]*\d)[\da-f]{8,}\b/gi;
const LONGEST = 200;

/**
 * Joins the parts of a finding that are equal in every run: figures, ports and ids become `N`, folders are removed. A leak keeps the
 * fingerprint that the probe gave it (`suspectFingerprint` in harness/probe/agent/diff/found.ts).
 *
 * @example
 * fingerprint('step', 'client', 'open', 'connect ECONNREFUSED 127.0.0.1:4711'); // 'step client open connect ECONNREFUSED N.N.N.N:N'
 */
export function fingerprint(kind: string, ...parts: readonly (string | undefined)[]): string {
  return [kind, ...parts.map((part) => withoutFigures(part ?? ''))].filter((part) => part !== '').join(' ');
}

function withoutFigures(text: string): string {
  return text
    .replaceAll(FOLDERS, '')
    .replaceAll(HEX, 'N')
    .replaceAll(/\d+/g, 'N')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, LONGEST);
}

/** Position in a fingerprint: the file without folders, as in the fingerprints of the probe. */
export function lineOf({ file, line, column }: Position): string {
  return `${file.split(/[/\\]/).at(-1) ?? file}:${line}:${column}`;
}
