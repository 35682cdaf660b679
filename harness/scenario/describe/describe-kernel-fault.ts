import type { CutCable, KernelFault } from '../kernel-fault.ts';
import { describeBytes } from './describe-bytes.ts';

/** Effect of a kernel fault as a phrase for reports, without its moment. */
export function describeKernelFault(fault: KernelFault): string {
  const lasting = 'for' in fault && fault.for !== undefined ? ` for ${fault.for} ms` : '';
  return `${describeAction(fault)}${lasting}`;
}

function describeAction(fault: KernelFault): string {
  switch (fault.kind) {
    case 'unreachable':
      return `${peer(fault)} is unreachable (${fault.as})`;
    case 'timeout':
      return `packets ${way(fault)} vanish at the ${fault.drop}${atAddress(fault)}`;
    case 'firewall-reset':
      return `a firewall resets data ${way(fault)}`;
    case 'abort':
      return `the system aborts the target's ${fault.side === 'client' ? 'incoming' : 'outgoing'} sockets`;
    case 'loss':
      return `${+(fault.share * 100).toFixed(4)}% of the packets ${way(fault)} vanish`;
    case 'rate':
      return `packets ${way(fault)} beyond ${describeBytes(fault.bytes)} a second vanish`;
    case 'ports':
      return `the target has ${fault.left} local ports left`;
    case 'descriptors':
      return `the target has ${fault.left} descriptors left`;
    case 'dns':
      return fault.answer === 'slow'
        ? `the name server answers ${fault.delay} ms late`
        : `the name server ${{ nxdomain: 'knows no such name', servfail: 'fails', refused: 'is not there', silent: 'does not answer' }[fault.answer]}`;
    case 'cable':
      return `${cable(fault.cut)} is pulled`;
    case 'interface':
      return `the target's own ${fault.side} interface goes down`;
    default:
      return `${cable(fault.cut)} is pulled ${fault.times} times, ${fault.down} ms out, ${fault.up} ms in`;
  }
}

const cable = (cut: CutCable): string => (cut === 'router' ? "the router's uplink" : `the ${cut} cable`);

const atAddress = ({ address }: { address?: number }): string =>
  address === undefined ? '' : ` (address ${address})`;

const peer = (fault: { side: 'client' | 'upstream'; address?: number }): string =>
  `the ${fault.side}${atAddress(fault)}`;

/** Packets that are affected on the segment between the target and its peer, as a phrase. */
function way({
  side,
  direction,
}: Pick<Extract<KernelFault, { kind: 'loss' }>, 'side' | 'direction'>): string {
  if (direction === undefined) return `between target and ${side}`;
  const fromTarget = (direction === 'to-client') === (side === 'client');
  return fromTarget ? `from the target to the ${side}` : `from the ${side} to the target`;
}
