import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { execa } from 'execa';

import { createCertificates } from '../../../harness/lab/certificates.ts';
import type { Certificates } from '../../../harness/lab/certificates.ts';
import { Ports } from '../../../harness/lab/network/ports.ts';
import { Teardown } from '../../../harness/lab/teardown.ts';
import { residentBytes } from '../../process-figures.ts';
import { fairTimer } from '../fair-timer.ts';
import { readFigures } from './figures.ts';
import type { Figures } from './figures.ts';
import { SERVER_NAME } from './message-grammar.ts';
import { untilAccepting } from '../../tcp-load.ts';

/** Upstream of a listener of the proxy. */
export type Behind = { port: number; protocol?: 'h2'; tls?: boolean };

/** The reference proxy as a process of its own, with a listener for each upstream. */
export type ProxyProcess = {
  ports: number[];
  pid: number;
  /** undefined while it lives; what it said when it died */
  death(): string | undefined;
  /** figures of things that are open, or were counted as opened and neither are open nor have ended */
  open(): Promise<Figures & { descriptors: number }>;
  /** resident memory (bytes) */
  memory(): number;
  stop(): Promise<void>;
};

const MAIN = fileURLToPath(new URL('../../../proxy/cli/main.js', import.meta.url));

/**
 * @param limits of the proxy
 * @param certificates for its listeners, and the authority that it trusts; by default new ones
 * @throws where it does not listen within 30 s
 */
export async function startProxyProcess(
  upstreams: readonly Behind[],
  limits: Readonly<Record<string, string | number>>,
  certificates?: Certificates,
): Promise<ProxyProcess> {
  const teardown = new Teardown();
  const { files } = certificates ?? (await createCertificates(teardown));
  const folder = await mkdtemp(path.join(tmpdir(), 'lastfin-fuzz-'));
  const free = new Ports();
  const ports: number[] = [];
  for (let left = upstreams.length; left > 0; left--) ports.push(await free.take());
  const admin = await free.take();
  const config = path.join(folder, 'proxy.yaml');
  await writeFile(config, configText(ports, upstreams, { ...files, limits }));
  // ends with this process, also if a signal ends that
  const child = execa(
    process.execPath,
    [MAIN, '--config', config, '--admin', `127.0.0.1:${admin}`, '--log-level', 'error'],
    { stdio: ['ignore', 'ignore', 'pipe'], reject: false, buffer: false },
  );
  let output = '';
  child.stderr.on('data', (chunk) => {
    output = `${output}${String(chunk)}`.slice(-2000);
  });
  const scrape = async (): Promise<string> => {
    const answer = await fetch(`http://127.0.0.1:${admin}/metrics`, { headers: { connection: 'close' } });
    return answer.text();
  };
  await new Promise<void>((resolve, reject) => {
    const late = new Error(`the proxy does not listen: ${output}`);
    const takeBack = fairTimer(30_000, [child.pid ?? 0], () => reject(late));
    void untilAccepting(admin).then(() => {
      takeBack();
      resolve();
    }, reject);
  });
  return {
    ports,
    pid: child.pid ?? 0,
    death: () => (child.exitCode === null && child.signalCode === null ? undefined : output),
    async open() {
      return { ...readFigures(await scrape()), descriptors: readdirSync(`/proc/${child.pid}/fd`).length };
    },
    memory: () => residentBytes(child.pid ?? 0),
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      await rm(folder, { recursive: true, force: true });
      await teardown.run();
    },
  };
}

/** Config file of the proxy: a TLS listener for each upstream. */
function configText(
  ports: readonly number[],
  upstreams: readonly Behind[],
  {
    certificate,
    key,
    authority,
    limits,
  }: { certificate: string; key: string; authority: string; limits: object },
): string {
  const listeners = upstreams.map(({ port, protocol, tls = false }, at) => {
    const route = { name: `r${at}`, mode: 'tls-terminate', hosts: ['*'], certificate, key };
    const upstream = {
      upstreams: [`127.0.0.1:${port}`],
      ...(protocol && { upstreamProtocol: protocol }),
      ...(tls && { upstreamTls: { ca: authority, serverName: SERVER_NAME } }),
    };
    return { listen: `127.0.0.1:${ports[at]}`, routes: [{ ...route, ...upstream }] };
  });
  return JSON.stringify({ limits, listeners });
}
