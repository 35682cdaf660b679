import type { Certificates } from '../../harness/lab/certificates.ts';
import { seededRandom } from '../../harness/toxiproxy/random.ts';
import type { FuzzOptions, FuzzResult } from './fuzz-result.ts';
import type { Random } from './http/message-grammar.ts';
import { startProxyProcess } from './http/proxy-process.ts';
import type { Behind, ProxyProcess } from './http/proxy-process.ts';
import { leftOver } from './left-over.ts';

/** Inputs of a lane between two looks at what is left. */
const BATCH = 40;
const MAX_FINDINGS = 20;
/** Resident memory above which the proxy has kept what it was sent (bytes). */
const MOST_MEMORY = 600 * 1024 * 1024;

/** Attack on the reference proxy: one upstream for each lane, whose inputs are tried one after the other. */
export type Attack = {
  lanes: readonly Behind[];
  /** upstreams that are not attacked; their listeners stand behind those of the lanes */
  others?: readonly Behind[];
  limits: Readonly<Record<string, string | number>>;
  /** by default the proxy has its own */
  certificates?: Certificates;
  /** tries one input; returns what is wrong */
  tryOne(random: Random, lane: number, proxy: ProxyProcess): Promise<string[]>;
  /** called beside each batch; returns what is wrong once the batch is `over` */
  beside?(proxy: ProxyProcess, over: AbortSignal): Promise<string[]>;
};

/**
 * Tries inputs until the time is over: each lane one at a time, all lanes at once, against a proxy in a process of its own. Looks after each
 * batch whether it lives, and whether anything is left open.
 */
export async function campaign({ seed, seconds, log }: FuzzOptions, attack: Attack): Promise<FuzzResult> {
  const findings: string[] = [];
  const find = (finding: string): void => {
    findings.push(finding);
    log(finding);
  };
  const start = async (): Promise<ProxyProcess> =>
    startProxyProcess([...attack.lanes, ...(attack.others ?? [])], attack.limits, attack.certificates);
  const deadline = Date.now() + seconds * 1000;
  let tried = 0;
  let proxy = await start();
  try {
    for (let batch = 0; Date.now() < deadline && findings.length < MAX_FINDINGS; batch += 1) {
      const names: string[] = [];
      const tryLane = async (_: Behind, lane: number): Promise<void> => {
        for (let index = 0; index < BATCH; index += 1) {
          if (Date.now() >= deadline || proxy.death() !== undefined) return;
          const name = `seed ${seed}, input ${lane}.${batch * BATCH + index}`;
          names.push(name);
          tried += 1;
          const random = seededRandom(BigInt(seed), name);
          for (const problem of await attack.tryOne(random, lane, proxy)) find(`${name}: ${problem}`);
        }
      };
      const over = new AbortController();
      const beside = attack.beside?.(proxy, over.signal) ?? Promise.resolve([]);
      await Promise.all(attack.lanes.map(tryLane));
      over.abort();
      const problems = await beside;
      const death = proxy.death();
      if (death === undefined) {
        problems.push(...(await leftOver(proxy)));
        if (proxy.memory() > MOST_MEMORY)
          problems.push(`it takes ${Math.round(proxy.memory() / 2 ** 20)} MiB`);
        for (const problem of problems) find(`${names[0]} and the next ones: ${problem}`);
      } else {
        find(`${names.slice(-attack.lanes.length).join(' or ')}: the proxy died: ${death}`);
        await proxy.stop();
        proxy = await start();
      }
    }
  } finally {
    await proxy.stop();
  }
  return { seed, tried, findings };
}
