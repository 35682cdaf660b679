import { Toxiproxies } from '../../faults/toxiproxy-links.ts';
import { startEmbeddedToxiproxy, startRealToxiproxy } from '../../faults/toxiproxy-process.ts';
import type { Certificates } from '../../lab/certificates.ts';
import type { Lacks } from '../../lab/machine.ts';
import { Ports } from '../../lab/network/ports.ts';
import type { Teardown } from '../../lab/teardown.ts';
import type { Fidelity } from '../../scenario/trigger.ts';
import type { WorkerOptions } from '../workers/worker-protocol.ts';

/** Ports, certificates and the Toxiproxy, which the cases of one worker share. */
export type SharedLab = {
  ports: Ports;
  /** called with the process group of each target that is started, to be killed should this process die before */
  onTarget: (pid: number) => void;
  /** makes the certificates on first use */
  certificates: () => Promise<Certificates>;
  requireFidelity?: Fidelity;
  /** whether journals also have what only reports read: timelines, counts, output */
  series: boolean;
  /** abilities that the machine does not have */
  lacks: Lacks;
  /** starts the Toxiproxy on first use */
  toxiproxies: () => Promise<{ api: Toxiproxies; name: string }>;
};

/** Makes the shared lab of a worker; everything that it starts is handed to `teardown`. */
export function sharedLab(
  { seed, toxiproxy, requireFidelity, lacks, series }: WorkerOptions,
  teardown: Teardown,
  onTarget: (pid: number) => void = () => undefined,
): SharedLab {
  const ports = new Ports();
  const start = async (): Promise<{ api: Toxiproxies; kind: string }> => {
    if (toxiproxy === 'embedded')
      return { api: await startEmbeddedToxiproxy(teardown, seed), kind: 'embedded' };
    if (toxiproxy !== 'real') return { api: new Toxiproxies(toxiproxy), kind: toxiproxy };
    return { api: await startRealToxiproxy(teardown, await ports.take()), kind: 'real' };
  };
  const named = async (): Promise<{ api: Toxiproxies; name: string }> => {
    const { api, kind } = await start();
    return { api, name: `${kind} ${await api.version()}` };
  };
  let started: ReturnType<typeof named> | undefined;
  let made: Promise<Certificates> | undefined;
  return {
    ports,
    onTarget,
    lacks,
    series,
    ...(requireFidelity === undefined ? {} : { requireFidelity }),
    certificates: () => (made ??= makeCertificates(teardown)),
    toxiproxies: () => (started ??= named()),
  };
}

/** Makes certificates. The module is loaded only here: most runs speak no TLS, and its packages are large. */
async function makeCertificates(teardown: Teardown): Promise<Certificates> {
  const { createCertificates } = await import('../../lab/certificates.ts');
  return createCertificates(teardown);
}
