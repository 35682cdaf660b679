import { describeBytes } from './describe-bytes.ts';
import { describeKernelFault } from './describe-kernel-fault.ts';
import { describeProtocolStep } from './describe-protocol-step.ts';
import { isKernelFault } from '../fault.ts';
import type { Count, Direction, Trigger } from '../trigger.ts';
import type { Fault } from '../fault.ts';
import type { Pace, Step, WaitFor } from '../step.ts';

const ENDINGS = { end: "expect the peer's FIN", reset: "expect the peer's RST", closed: 'expect FIN or RST' };

/**
 * Describes a step as one phrase, in the present tense.
 *
 * @example
 * describeStep({ kind: 'send', bytes: 65536 }); // 'send 64 KiB'
 */
export function describeStep(step: Step): string {
  switch (step.kind) {
    case 'send':
      return `send ${describeBytes(step.bytes)}${paceOf(step.pace)}`;
    case 'flood':
      return 'send until the other side takes no more';
    case 'expect':
      return `expect ${describeBytes(step.bytes)}`;
    case 'expect-ending':
      return ENDINGS[step.ending];
    case 'half-close':
      return 'half-close (FIN, go on reading)';
    case 'close':
      return "close (FIN, wait for the peer's)";
    case 'abandon':
      return 'abandon (close at once)';
    case 'reset':
      return 'reset (RST)';
    case 'stall':
      return 'stop reading';
    case 'resume':
      return 'read again';
    case 'open':
      return 'open';
    case 'advance':
      return `let ${describeDuration(step.ms)} pass in the target`;
    case 'look':
      return 'read the figures that the target publishes';
    case 'raw':
      return `send ${JSON.stringify(step.text)}${paceOf(step.pace)}`;
    case 'wait':
      return describeWait(step.for);
    // the last form is the default in each of these, so that the compiler checks for completeness
    default:
      return describeProtocolStep(step);
  }
}

function paceOf(pace: Pace | undefined): string {
  return pace === undefined ? '' : `, ${describeBytes(pace.bytes)} every ${describeDuration(pace.every)}`;
}

/**
 * Describes a fault with its moment.
 *
 * @example
 * describeFault({ kind: 'reset', side: 'upstream', when: { at: 'connect' } }); // 'upstream resets, before connecting'
 */
export function describeFault(fault: Fault): string {
  return `${describeAction(fault)}, ${describeTrigger(fault.when)}`;
}

function describeAction(fault: Fault): string {
  if (isKernelFault(fault)) return describeKernelFault(fault);
  switch (fault.kind) {
    case 'refused':
      return `upstream refuses connections${fault.address === undefined ? '' : ` (address ${fault.address})`}`;
    case 'blackhole':
      return 'upstream host does not answer';
    case 'reset':
      return `${fault.side} resets`;
    case 'close':
      return `${fault.side} closes`;
    case 'half-close':
      return `${fault.side} half-closes`;
    case 'abandon':
      return `${fault.side} abandons`;
    case 'stall':
      return `${fault.side} stops reading`;
    case 'down':
      return `${fault.side} link goes down`;
    case 'shutdown':
      return `target is told to stop${fault.times === undefined ? '' : `, ${fault.times} times`}`;
    case 'reload':
      return `target reads its config again, that of the route ${fault.route}`;
    default: {
      const attributes = Object.entries(fault.attributes).map(([name, value]) => ` ${name}=${value}`);
      const share = fault.toxicity === 1 ? '' : ` on ${Math.round(fault.toxicity * 100)}% of connections`;
      return `toxic ${fault.type}${attributes.join('')} on the ${fault.side} link ${arrow(fault.direction)}${share}`;
    }
  }
}

const arrow = (direction: Direction): string =>
  direction === 'to-client' ? 'to the client' : 'to the upstream';

function describeTrigger(when: Trigger): string {
  switch (when.at) {
    case 'connect':
      return 'before connecting';
    case 'bytes':
      return `after ${describeBytes(when.bytes)}`;
    case 'records':
      return `once the target has ${describeAmount(when.count)}`;
    case 'connecting':
      return `once ${describeConnects(when.count)}`;
    case 'waiting':
      return `once ${describeCount(when.count)} waiting for it`;
    default:
      return `once ${describeCount(when.count)} ${when.at}`;
  }
}

function describeDuration(ms: number): string {
  const units = [
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1000],
  ] as const;
  const [unit, size] = units.find(([, one]) => ms >= one) ?? ['ms', 1];
  return `${Math.round((ms / size) * 100) / 100} ${unit}`;
}

function describeWait(wait: WaitFor): string {
  if (wait.state === 'faulted') return 'wait until every fault is applied';
  if (wait.state === 'healed') return 'wait until the faults that pass are healed';
  if (wait.state === 'advanced') return `wait until time has passed in the target (${wait.count} times)`;
  if (wait.state === 'time') return `wait for ${describeDuration(wait.ms)}`;
  if (wait.state === 'records') {
    return `wait until the target has ${describeAmount(wait.count)}`;
  }
  if (wait.state === 'connecting') return `wait until ${describeConnects(wait.count)}`;
  return `wait until ${describeCount(wait.count)} ${wait.state}`;
}

const describeAmount = (count: Count): string => {
  if (count === 'all') return 'a record of every connection';
  return count === 0 ? 'no record left' : count === 1 ? '1 record' : `${count} records`;
};

const describeConnects = (count: Count): string => {
  if (count === 'all') return 'the connects of all connections are pending';
  return count === 0 ? 'no connect is pending' : `${count} connect${count === 1 ? ' is' : 's are'} pending`;
};

const describeCount = (count: Count): string =>
  count === 'all' ? 'all connections are' : count === 1 ? '1 connection is' : `${count} connections are`;
