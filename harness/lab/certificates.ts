import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { generate } from 'selfsigned';

import type { Teardown } from './teardown.ts';

/** Names for which the certificate is valid. */
const NAMES = ['localhost', 'lastfin.test', '*.lastfin.test'];

const HOUR = 3_600_000;

/** The certificate that the lab's actors and targets use, which is also the authority that its clients trust. */
export type Certificates = {
  /** PEM texts */
  pem: { certificate: string; key: string };
  /** PEM files, for targets */
  files: { certificate: string; key: string; authority: string };
};

/**
 * Makes the certificate of one run, and its files in a folder that the teardown removes.
 *
 * @example
 * const { files } = await createCertificates(teardown);
 */
export async function createCertificates(teardown: Teardown): Promise<Certificates> {
  const made = await generate([{ name: 'commonName', value: 'lastfin' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    // a target's clock may differ a little, and a run may be long
    notBeforeDate: new Date(Date.now() - HOUR),
    notAfterDate: new Date(Date.now() + 24 * HOUR),
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [...NAMES.map((value) => ({ type: 2 as const, value })), { type: 7, ip: '127.0.0.1' }],
      },
    ],
  });
  const folder = await mkdtemp(path.join(tmpdir(), 'lastfin-tls-'));
  teardown.add('the certificates', () => rm(folder, { recursive: true, force: true }));
  const write = async (name: string, text: string): Promise<string> => {
    const file = path.join(folder, name);
    await writeFile(file, text, { mode: 0o600 });
    return file;
  };
  const pem = { certificate: made.cert, key: made.private };
  const certificate = await write('certificate.pem', pem.certificate);
  return {
    pem,
    files: { certificate, key: await write('key.pem', pem.key), authority: certificate },
  };
}
