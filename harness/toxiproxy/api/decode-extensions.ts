import { badBody, toxicExists } from '../api-error.ts';
import { fieldOf } from '../json/plain.ts';
import type { JsonValue } from '../json/scan.ts';
import type { Toxic } from '../toxic.ts';
import { decodeNewAttributes, decodeNewToxic } from './decode-toxic.ts';

/** Keys that `--extensions` adds to a proxy's body. */
export type ProxyExtensions = {
  /** Toxics that exist before the first connection. */
  readonly toxics: readonly Toxic[];
  /** Whether the end of one side is passed on, while the other direction stays open. */
  readonly halfClose: boolean;
};

export function decodeProxyExtensions(value: JsonValue): ProxyExtensions {
  const list = fieldOf(value, 'toxics');
  if (list !== undefined && list.kind !== 'array') throw badBody('toxics: must be a list');
  const toxics = (list?.items ?? []).map((item) => {
    const toxic = decodeNewToxic(item, true);
    decodeNewAttributes(item, toxic);
    return toxic;
  });
  if (new Set(toxics.map(({ name }) => name)).size < toxics.length) throw toxicExists();
  const halfClose = fieldOf(value, 'half_close');
  if (halfClose !== undefined && halfClose.kind !== 'bool')
    throw badBody('half_close: must be true or false');
  return { toxics, halfClose: halfClose?.value ?? false };
}
