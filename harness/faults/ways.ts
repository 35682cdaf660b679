import type { Ability } from '../lab/abilities.ts';
import type { Lacks } from '../lab/machine.ts';
import type { KernelFault } from '../scenario/kernel-fault.ts';
import type { Case } from '../scenario/case.ts';
import type { Family, Trigger } from '../scenario/trigger.ts';
import type { Fault } from '../scenario/fault.ts';

/**
 * Method by which the kernel can make a fault, and the abilities that it needs. All methods for a fault give the target the same
 * error code after the same time.
 */
export type Way = {
  by: 'nft' | 'tc' | 'routes' | 'ss' | 'sysctl' | 'prlimit' | 'names' | 'links';
  needs: readonly Ability[];
};

const NFT_DROP: Way = { by: 'nft', needs: ['nft-drop'] };
const ROUTES: Way = { by: 'routes', needs: ['routes'] };

/** Methods to make a fault, the preferred one first. */
export function waysOf(fault: KernelFault & { when: Trigger }, family: Family): readonly Way[] {
  const connecting = fault.when.at === 'connect';
  switch (fault.kind) {
    case 'unreachable': {
      if (family === 'ipv6' || fault.as === 'prohibited') return [ROUTES];
      const answered: Way = { by: 'nft', needs: ['nft-reject'] };
      // over IPv4 a refusing route does not report to established connections
      return connecting && fault.side === 'upstream' ? [answered, ROUTES] : [answered];
    }
    case 'timeout':
      if (fault.drop === 'input') return [NFT_DROP, { by: 'tc', needs: ['tc-drop'] }];
      // a connect without a route fails at once
      return family === 'ipv4' && !connecting ? [NFT_DROP, ROUTES] : [NFT_DROP];
    case 'firewall-reset':
      return [{ by: 'nft', needs: ['nft-reject'] }];
    case 'loss':
      return [
        { by: 'nft', needs: ['nft-random'] },
        { by: 'tc', needs: ['tc-drop'] },
      ];
    case 'rate':
      return [{ by: 'nft', needs: ['nft-limit'] }];
    case 'abort':
      return [{ by: 'ss', needs: ['abort'] }];
    case 'ports':
      return [{ by: 'sysctl', needs: ['port-range'] }];
    case 'descriptors':
      return [{ by: 'prlimit', needs: ['descriptors'] }];
    case 'dns':
      return [{ by: 'names', needs: ['names'] }];
    default:
      return [{ by: 'links', needs: ['cables'] }];
  }
}

/** Method for a fault on this machine; `undefined` if there is none. */
export function wayHere(
  fault: KernelFault & { when: Trigger },
  family: Family,
  lacks: Lacks,
): Way | undefined {
  return waysOf(fault, family).find(({ needs }) => needs.every((need) => lacks[need] === undefined));
}

/** IP version of the connections that a fault acts on. */
export function familyOfFault(
  fault: Fault,
  { family, addresses }: Pick<Case, 'family' | 'addresses'>,
): Family {
  const index = 'address' in fault ? fault.address : undefined;
  return (index === undefined ? undefined : addresses[index - 1]) ?? family;
}
