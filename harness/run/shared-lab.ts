import { Toxiproxies } from '../faults/toxiproxy-links.ts';
import { startEmbeddedToxiproxy, startRealToxiproxy } from '../faults/toxiproxy-process.ts';
import { Ports } from '../lab/ports.ts';
import type { Teardown } from '../lab/teardown.ts';
import type { Fidelity } from '../scenario/scenario.ts';
import type { LabMode } from './choose-network.ts';
import type { WorkerOptions } from './worker-protocol.ts';

/** What the cases of one worker share. */
export type SharedLab = {
  ports: Ports;
  /** what cases may stand on here */
  lab: LabMode;
  requireFidelity?: Fidelity;
  /** starts the Toxiproxy on first use */
  toxiproxies: () => Promise<{ api: Toxiproxies; name: string }>;
};

/** What is started is handed to `teardown`. */
export function sharedLab(
  { seed, toxiproxy, lab, requireFidelity }: WorkerOptions,
  teardown: Teardown,
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
  return {
    ports,
    lab,
    ...(requireFidelity === undefined ? {} : { requireFidelity }),
    toxiproxies: () => (started ??= named()),
  };
}
