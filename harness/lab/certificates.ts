import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { generate } from 'selfsigned';

import type { Teardown } from './teardown.ts';

/** Names for which the certificate is valid. */
const NAMES = ['localhost', 'lastfin.test', '*.lastfin.test'];

const HOUR = 3_600_000;

type GenerateOptions = NonNullable<Parameters<typeof generate>[1]>;

/** PEM texts of a certificate and its key. */
type Pair = { certificate: string; key: string };

/**
 * Certificates that are wrong in one way: its time is over, it is for another host (both signed by the lab's authority), or its
 * authority is unknown.
 */
export const WRONG_CERTIFICATES = ['expired', 'wrong-host', 'stranger'] as const;
export type WrongCertificate = (typeof WRONG_CERTIFICATES)[number];

/** The certificate that the lab's actors and targets use, which its clients trust, and wrong ones for handshakes that must fail. */
export type Certificates = {
  /** PEM texts; `authority`: all that the lab trusts */
  pem: Pair & { authority: string; wrong: Record<WrongCertificate, Pair> };
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
  const made = await makePair({});
  const authority = await makePair({
    commonName: 'lastfin authority',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const signed = { ca: { key: authority.key, cert: authority.certificate } };
  const wrong = {
    expired: await makePair({
      ...signed,
      notBeforeDate: new Date(Date.now() - 48 * HOUR),
      notAfterDate: new Date(Date.now() - 24 * HOUR),
    }),
    'wrong-host': await makePair({ ...signed, extensions: namesOf(['elsewhere.test'], []) }),
    stranger: await makePair({}),
  };
  const folder = await mkdtemp(path.join(tmpdir(), 'lastfin-tls-'));
  teardown.add('the certificates', () => rm(folder, { recursive: true, force: true }));
  const write = async (name: string, text: string): Promise<string> => {
    const file = path.join(folder, name);
    await writeFile(file, text, { mode: 0o600 });
    return file;
  };
  const pem = { ...made, authority: made.certificate + authority.certificate, wrong };
  const certificate = await write('certificate.pem', pem.certificate);
  return {
    pem,
    files: {
      certificate,
      key: await write('key.pem', pem.key),
      authority: await write('authority.pem', pem.authority),
    },
  };
}

/** Makes a certificate of the lab's names, valid now and signed by itself unless the options say otherwise. */
async function makePair({
  commonName = 'lastfin',
  ...options
}: GenerateOptions & { commonName?: string }): Promise<Pair> {
  const made = await generate([{ name: 'commonName', value: commonName }], {
    keyType: 'ec',
    algorithm: 'sha256',
    // a target's clock may differ a little, and a run may be long
    notBeforeDate: new Date(Date.now() - HOUR),
    notAfterDate: new Date(Date.now() + 24 * HOUR),
    extensions: namesOf(NAMES),
    ...options,
  });
  // a PEM file is a row of lines: two texts in a row must not share one
  return { certificate: `${made.cert.trim()}\n`, key: made.private };
}

const namesOf = (
  names: readonly string[],
  addresses: readonly string[] = ['127.0.0.1'],
): NonNullable<GenerateOptions['extensions']> => [
  {
    name: 'subjectAltName',
    altNames: [
      ...names.map((value) => ({ type: 2 as const, value })),
      ...addresses.map((ip) => ({ type: 7 as const, ip })),
    ],
  },
];
