import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import type { Case } from '../scenario/case.ts';
import type { ConnectionSeen } from '../journal/entry.ts';

/** Codes by which TLS says that a certificate is not trusted. */
const DISTRUST: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_HAS_EXPIRED',
]);
const OTHER_NAME = 'ERR_TLS_CERT_ALTNAME_INVALID';

/**
 * Explains a warm-up in which no client trusted the target's certificate: nothing could be judged after it.
 *
 * @throws LastfinError `LASTFIN_TARGET_INVALID`, with what to change
 */
export function mustBeTrusted(warmUp: readonly ConnectionSeen[], { route }: Pick<Case, 'route'>): void {
  const seen = new Set(warmUp.flatMap(({ actor, seen: one }) => (actor === 'client' ? [one] : [])));
  const [code = ''] = seen;
  if (seen.size !== 1 || !(DISTRUST.has(code) || code === OTHER_NAME)) return;
  const fix =
    code === OTHER_NAME
      ? 'say for whom it is made out: `tls: { servername: my.host }`'
      : "start it with the lab's ({{tls.certificate}} and {{tls.key}}), or name the one to trust: `tls: { ca: cert.pem }`";
  throw new LastfinError(
    'LASTFIN_TARGET_INVALID',
    `clients do not trust the target's certificate (${code}): ${fix}, for \`client\` of the route \`${route}\``,
    { facts: { code, route } },
  );
}
