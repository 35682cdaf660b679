import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate for `localhost` and `*.lastfin.test`, made by openssl for this run. */
export function createCertificate(): { certificate: string; key: string } {
  const folder = mkdtempSync(join(tmpdir(), 'lastfin-cert-'));
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const subject = [
    '-subj',
    '/CN=lastfin',
    '-addext',
    'subjectAltName=DNS:localhost,DNS:*.lastfin.test',
    '-days',
    '2',
  ];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  execFileSync('openssl', ['req', '-x509', ...curve, '-keyout', key, '-out', cert, ...subject], {
    stdio: 'pipe',
  });
  const pair = { certificate: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
  rmSync(folder, { recursive: true });
  return pair;
}
