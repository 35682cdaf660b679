import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createCertificates } from '../../../harness/lab/certificates.ts';
import { Ports } from '../../../harness/lab/network/ports.ts';
import { Teardown } from '../../../harness/lab/teardown.ts';
import { fairTimer } from '../fair-timer.ts';
import { untilAccepting } from '../../tcp-load.ts';

/** The reference proxy as a process of its own, with a listener for each upstream. */
export type ProxyProcess = {
  ports: number[];
  pid: number;
  /** undefined while it lives; what it said when it died */
  death(): string | undefined;
  /** client connections, upstream connections and file descriptors that are open */
  open(): Promise<{ connections: number; upstreams: number; descriptors: number }>;
  stop(): Promise<void>;
};

const MAIN = fileURLToPath(new URL('../../../proxy/cli/main.js', import.meta.url));

/** @throws where it does not listen within 30 s */
export async function startProxyProcess(upstreams: readonly number[]): Promise<ProxyProcess> {
  const teardown = new Teardown();
  const { files } = await createCertificates(teardown);
  const folder = await mkdtemp(path.join(tmpdir(), 'lastfin-fuzz-'));
  const free = new Ports();
  const ports: number[] = [];
  for (let left = upstreams.length; left > 0; left--) ports.push(await free.take());
  const admin = await free.take();
  const config = path.join(folder, 'proxy.yaml');
  await writeFile(config, configText(ports, upstreams, files));
  const child = spawn(
    process.execPath,
    [MAIN, '--config', config, '--admin', `127.0.0.1:${admin}`, '--log-level', 'error'],
    { stdio: ['ignore', 'ignore', 'pipe'] },
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
  const figure = (text: string, name: string): number =>
    Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
  return {
    ports,
    pid: child.pid ?? 0,
    death: () => (child.exitCode === null && child.signalCode === null ? undefined : output),
    async open() {
      const text = await scrape();
      return {
        connections: figure(text, 'lastfin_active_connections'),
        upstreams: figure(text, 'lastfin_http_upstreams'),
        descriptors: readdirSync(`/proc/${child.pid}/fd`).length,
      };
    },
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

/** Config file of the proxy: a TLS listener for each upstream, and clocks that the fuzzer's messages do not reach. */
function configText(
  ports: readonly number[],
  upstreams: readonly number[],
  { certificate, key }: { certificate: string; key: string },
): string {
  const listeners = upstreams.map((upstream, at) => {
    const route = { name: `r${at}`, mode: 'tls-terminate', hosts: ['*'], certificate, key };
    return {
      listen: `127.0.0.1:${ports[at]}`,
      routes: [{ ...route, upstreams: [`127.0.0.1:${upstream}`] }],
    };
  });
  return JSON.stringify({ limits: { headerTimeout: '60s', bodyTimeout: '60s' }, listeners });
}
