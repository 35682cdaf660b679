import {
  type Carrier,
  describeCarrier,
  PLAIN,
  type Protocol,
  refineCarrier,
  speaksHttp,
} from '../../scenario/transport.ts';
import { clientGroups } from '../../scenario/client-groups.ts';
import type { Case } from '../../scenario/case.ts';
import type { Side } from '../../scenario/trigger.ts';
import type { Step } from '../../scenario/step.ts';
import type { Target } from '../../targets/file/target.ts';

/** Carriers of both sides of a case; a server has no upstream. */
export type Carriers = { client: Carrier; upstream?: Carrier };

/** Carriers of a case: those of its route, with the changes of the scenario; undefined where the target has no such route. */
export function carriersOf(
  { over, route }: Pick<Case, 'over' | 'route'>,
  target: Pick<Target, 'routes'>,
): Carriers | undefined {
  const base = Object.hasOwn(target.routes, route) ? target.routes[route] : undefined;
  if (base === undefined) return undefined;
  return {
    client: refineCarrier(base.client, over?.client),
    ...(base.upstream === undefined ? {} : { upstream: refineCarrier(base.upstream, over?.upstream) }),
  };
}

/** All carriers that are used in a case, those of its client groups included. */
export function allCarriers(testCase: Case, carriers: Carriers): Carrier[] {
  return [
    carriers.client,
    ...(carriers.upstream === undefined ? [] : [carriers.upstream]),
    ...clientGroups(testCase).map(({ over }) => refineCarrier(carriers.client, over)),
  ];
}

/** A step or fault of a case that its carriers cannot express, in words; undefined: they can express all. */
export function carrierGap(testCase: Case, carriers: Carriers): string | undefined {
  for (const { over, script } of clientGroups(testCase)) {
    const gap = scriptGap('client', script, refineCarrier(carriers.client, over));
    if (gap !== undefined) return gap;
  }
  const sides: Record<Side, Carrier> = { upstream: PLAIN, ...carriers };
  const gap =
    answerGap(testCase, carriers) ??
    authorityGap(testCase) ??
    scriptGap('upstream', testCase.upstream, sides.upstream);
  if (gap !== undefined) return gap;
  for (const fault of testCase.faults) {
    if (fault.kind === 'half-close' && speaksHttp(sides[fault.side]))
      return `the fault \`half-close\` of the ${fault.side}: ${describeCarrier(sides[fault.side])} has no half-close`;
  }
  return undefined;
}

/** Statuses and replies with which an upstream that is a proxy refuses, by its protocol. */
const REFUSALS: Partial<Record<Protocol, { least: number; most: number; what: string }>> = {
  connect: { least: 300, most: 599, what: 'a status from 300 to 599' },
  socks5: { least: 1, most: 255, what: 'a reply from 1 to 255' },
};

/** Why the `answer` of a case cannot be given over its carriers; undefined where it can. */
function answerGap(testCase: Case, carriers: Carriers): string | undefined {
  const { upstream = PLAIN, ...others } = carriers;
  const clients = allCarriers(testCase, others);
  if (clients.some(({ answer }) => answer !== undefined)) return '`answer` is for the upstream: clients ask';
  const { answer, protocol } = upstream;
  if (answer === undefined) return undefined;
  const refusal = REFUSALS[protocol];
  if (refusal === undefined)
    return `\`answer\` needs an upstream that is a proxy (connect, socks5), and it speaks ${describeCarrier(upstream)}`;
  if (answer === 'never' || (answer >= refusal.least && answer <= refusal.most)) return undefined;
  return `\`answer: ${answer}\` is no refusal over ${protocol}: it needs ${refusal.what}, or \`never\``;
}

/** Refuses `tls: { ca }` in a scenario: once planned, it has no folder to find certificate files from. */
function authorityGap(testCase: Case): string | undefined {
  const changes = [
    testCase.over?.client,
    testCase.over?.upstream,
    ...clientGroups(testCase).map(({ over }) => over),
  ];
  const names = changes.some(
    (one) => typeof one === 'object' && typeof one.tls === 'object' && one.tls.ca !== undefined,
  );
  return names ? '`tls: { ca }` belongs into the target file' : undefined;
}

function scriptGap(side: Side, script: readonly Step[], carrier: Carrier): string | undefined {
  const speaks = describeCarrier(carrier);
  const because = (step: Step, why: string): string => `the step \`${step.kind}\` of the ${side}: ${why}`;
  for (const step of script) {
    switch (step.kind) {
      case 'half-close':
        // the end of an HTTP body is not the end of a connection: a proxy need not pass it on as one
        if (speaksHttp(carrier)) return because(step, `${speaks} has no half-close`);
        break;
      case 'request':
      case 'expect-response':
      case 'expect-failure':
      case 'expect-request':
      case 'respond':
        if (!speaksHttp(carrier)) return because(step, `needs http, and it speaks ${speaks}`);
        break;
      case 'hello':
        if (carrier.tls || carrier.protocol !== 'bytes')
          return because(step, `needs bare bytes, not ${speaks}`);
        break;
      case 'renegotiate':
        if (
          carrier.tls?.version !== '1.2' ||
          carrier.tls.pieces !== undefined ||
          carrier.tls.records !== undefined ||
          speaksHttp(carrier)
        )
          return because(
            step,
            "needs bytes or websocket over TLS 1.2 (`tls: { version: '1.2' }`), in whole pieces",
          );
        break;
      default:
    }
  }
  return undefined;
}
