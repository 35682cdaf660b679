import { expect, test } from 'vitest';

import { mustBeTrusted } from './distrust.ts';
import { clientSeen } from './testing/client-seen.ts';

const judge =
  (...seen: string[]) =>
  () =>
    mustBeTrusted(
      seen.map((one) => clientSeen(one)),
      { route: 'https' },
    );

test('a certificate that no client trusts is an error of the target file, which says what to change', () => {
  expect(judge('DEPTH_ZERO_SELF_SIGNED_CERT', 'DEPTH_ZERO_SELF_SIGNED_CERT')).toThrow(
    /ca: cert\.pem.*route `https`/,
  );
  expect(judge('ERR_TLS_CERT_ALTNAME_INVALID')).toThrow('servername');
});

test('other ends, and those of some clients only, are left to the judge', () => {
  expect(judge('end')).not.toThrow();
  expect(judge('none', 'DEPTH_ZERO_SELF_SIGNED_CERT')).not.toThrow();
  expect(judge()).not.toThrow();
});
