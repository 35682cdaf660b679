// A forward proxy on http-mitm-proxy.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const { LISTEN_HOST, LISTEN_PORT } = process.env;

const { Proxy: MitmProxy } = await import(process.argv[2]);
const sslCaDir = mkdtempSync(path.join(tmpdir(), 'mitm-'));
process.once('exit', () => rmSync(sslCaDir, { recursive: true, force: true }));
const proxy = new MitmProxy();
proxy.onError(() => {});
proxy.listen({ host: LISTEN_HOST, port: Number(LISTEN_PORT), sslCaDir }, (error) => {
  if (error) throw error;
});
process.once('SIGTERM', () => process.exit());
