import { type Carrier, describeCarrier, refineCarrier } from '../scenario/carrier.ts';
import { clientGroups } from '../scenario/client-groups.ts';
import type { Case, Side, Step } from '../scenario/scenario.ts';
import type { Target } from '../target/target-file.ts';

/** What the two sides of a case speak: what its route says, with the changes of the scenario. */
export function carriersOf(
  { over, route }: Pick<Case, 'over' | 'route'>,
  target: Pick<Target, 'routes'>,
): Record<Side, Carrier> | undefined {
  const base = Object.hasOwn(target.routes, route) ? target.routes[route] : undefined;
  if (base === undefined) return undefined;
  return {
    client: refineCarrier(base.client, over?.client),
    upstream: refineCarrier(base.upstream, over?.upstream),
  };
}

/** Every carrier that is used in a case. */
export function allCarriers(plan: Case, carriers: Record<Side, Carrier>): Carrier[] {
  return [
    carriers.client,
    carriers.upstream,
    ...clientGroups(plan).map(({ over }) => refineCarrier(carriers.client, over)),
  ];
}

/** A step or fault of a case that its carriers cannot express, in words; undefined: they can express all. */
export function carrierGap(plan: Case, carriers: Record<Side, Carrier>): string | undefined {
  for (const { over, script } of clientGroups(plan)) {
    const gap = scriptGap('client', script, refineCarrier(carriers.client, over));
    if (gap !== undefined) return gap;
  }
  const gap = scriptGap('upstream', plan.upstream, carriers.upstream);
  if (gap !== undefined) return gap;
  for (const fault of plan.faults) {
    if (fault.kind === 'half-close' && speaksHttp(carriers[fault.side]))
      return `the fault \`half-close\` of the ${fault.side}: ${describeCarrier(carriers[fault.side])} has no half-close`;
  }
  return undefined;
}

function scriptGap(side: Side, script: readonly Step[], carrier: Carrier): string | undefined {
  const speaks = describeCarrier(carrier);
  const because = (step: Step, why: string): string => `the step \`${step.kind}\` of the ${side}: ${why}`;
  for (const step of script) {
    switch (step.kind) {
      case 'half-close':
        // the end of a body ends no connection: a proxy may do something else with it
        if (speaksHttp(carrier)) return because(step, `${speaks} has no half-close`);
        break;
      case 'request':
      case 'expect-response':
      case 'expect-request':
      case 'respond':
        if (!speaksHttp(carrier)) return because(step, `needs http, and it speaks ${speaks}`);
        break;
      case 'hello':
        if (carrier.tls || carrier.protocol !== 'bytes')
          return because(step, `needs bare bytes, not ${speaks}`);
        break;
      case 'renegotiate':
        if (carrier.tls?.version !== '1.2' || carrier.tls.pieces !== undefined || speaksHttp(carrier))
          return because(
            step,
            "needs bytes or websocket over TLS 1.2 (`tls: { version: '1.2' }`), in whole pieces",
          );
        break;
      case 'raw':
        if (speaksHttp(carrier)) return because(step, `needs bytes, and it speaks ${speaks}`);
        break;
      default:
    }
  }
  return undefined;
}

const speaksHttp = ({ protocol }: Carrier): boolean => protocol === 'http' || protocol === 'http-absolute';
