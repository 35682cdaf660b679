/** Error codes of HTTP/2 (RFC 9113, 7) by the names that scenarios and reports use. */
export const H2_CODES = {
  'no-error': 0,
  'protocol-error': 1,
  'internal-error': 2,
  'flow-control-error': 3,
  'settings-timeout': 4,
  'stream-closed': 5,
  'frame-size-error': 6,
  'refused-stream': 7,
  cancel: 8,
  'compression-error': 9,
  'connect-error': 10,
  'enhance-your-calm': 11,
  'inadequate-security': 12,
  'http-1-1-required': 13,
} as const;

export type H2Code = keyof typeof H2_CODES;

const NAMES = new Map<number, string>(Object.entries(H2_CODES).map(([name, code]) => [code, name]));

/**
 * Name of an error code; the number where the standard has no name for it.
 *
 * @example
 * nameOfCode(8); // 'cancel'
 */
export function nameOfCode(code: number): string {
  return NAMES.get(code) ?? String(code);
}
