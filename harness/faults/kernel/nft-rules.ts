import type { Network } from '../../lab/network/network.ts';
import type { Heal } from './kernel-context.ts';
import { nftMatch, type Packets } from './match-packets.ts';

let tables = 0;

/**
 * Applies an action to packets, each kind in a table of its own in the place where they arrive (`input`) or leave (`output`).
 * Never in the output chain for answers by ICMP: there the kernel's token bucket passes only 50 of them.
 */
export async function addRules(
  network: Network,
  packets: readonly Packets[],
  verdict: string,
  hook: 'input' | 'output' = 'input',
): Promise<Heal> {
  const heals: Heal[] = [];
  const heal = async (): Promise<void> => {
    for (const one of heals.splice(0)) await one();
  };
  try {
    for (const one of packets) {
      const where = hook === 'input' ? one.to : one.from;
      const name = `lastfin_${++tables}`;
      const chain = `chain faults { type filter hook ${hook} priority 0; policy accept; ${nftMatch(one)} ${verdict}; }`;
      await network.run('nft', ['-f', '-'], { where, input: `table inet ${name} { ${chain}\n}\n` });
      heals.push(async () => void (await network.run('nft', ['delete', 'table', 'inet', name], { where })));
    }
  } catch (error) {
    await heal();
    throw error;
  }
  return heal;
}
