import { generate } from 'selfsigned';

const MINUTE = 60_000;

/** Creates a certificate for `localhost` and `*.lastfin.test`, for this run only; needs nothing but Node. */
export async function createCertificate(): Promise<{ certificate: string; key: string }> {
  const made = await generate([{ name: 'commonName', value: 'lastfin' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - MINUTE),
    notAfterDate: new Date(Date.now() + 60 * MINUTE),
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 2, value: '*.lastfin.test' },
        ],
      },
    ],
  });
  return { certificate: made.cert, key: made.private };
}
