import type { Issue } from '../../../shared/yaml-file/problem.ts';
import type { Path } from '../../../shared/yaml-file/yaml-source.ts';
import { clientGroups, requestsOf } from '../client-groups.ts';
import { lastsFor } from '../fault.ts';
import type { ClientGroup } from '../case.ts';
import type { Fault } from '../fault.ts';
import type { Side } from '../trigger.ts';
import type { Step } from '../step.ts';
import type { CheckedScenario } from '../schema/scenario-schema.ts';
import type { ExpectedWs, WsMessage } from '../protocols/ws-step.ts';

const ENDING_STEPS: readonly string[] = ['close', 'reset', 'abandon'];
/** Steps that send, for which there is no way after a FIN. */
const SENDS: readonly string[] = ['send', 'flood', 'raw', 'hello', 'request', 'respond', 'ask', 'half-close'];

/**
 * Finds steps that cannot work in any run of the two scripts.
 *
 * @param isPipe whether bytes pass from one side to the other; `transparent: false` in a target file denies it
 */
export function scriptIssues(scenario: CheckedScenario, isPipe = true): Issue[] {
  const clients = clientGroups(scenario);
  const scripts: Script[] = [
    ...clients.map(({ path, script }) => ({ side: 'client' as const, path, steps: script })),
    { side: 'upstream', path: ['upstream'], steps: scenario.upstream },
  ];
  return [
    ...scripts.flatMap((script) => orderIssues(script)),
    ...scripts.flatMap((script) => waitIssues(script, scenario)),
    ...scripts.flatMap((script) => paceIssues(script)),
    ...(isPipe ? scripts.flatMap((script) => amountIssues(script, scenario, clients)) : []),
    ...advanceIssues(scenario),
  ];
}

/** Script of a scenario, with its place in the file. */
type Script = { side: Side; path: Path; steps: readonly Step[] };

/** Steps that only one of the two actors can do. */
const ONLY: Partial<Record<Step['kind'], Side>> = {
  request: 'client',
  look: 'client',
  'expect-response': 'client',
  hello: 'client',
  'expect-failure': 'client',
  ask: 'client',
  'expect-answer': 'client',
  renegotiate: 'client',
  continuation: 'client',
  respond: 'upstream',
  'expect-request': 'upstream',
};

/** Side that alone can do its part of a gRPC call. */
function onlyInCall(step: Step): Side | undefined {
  const type = step.kind === 'grpc' ? step.act.type : undefined;
  if (type === 'call' || type === 'end') return 'client';
  if (type === 'status') return 'upstream';
  if (step.kind !== 'expect-grpc' || step.part.type === 'message') return undefined;
  return step.part.type === 'end' ? 'upstream' : 'client';
}

/** Finds steps that cannot follow the ones before them. */
function orderIssues({ side, path, steps }: Script): Issue[] {
  const issues: Issue[] = [];
  let ended: string | undefined;
  let halfClosed = false;
  let stalled = false;
  for (const [index, step] of steps.entries()) {
    const report = (message: string): void => void issues.push({ path: [...path, index], message });
    const only = ONLY[step.kind] ?? onlyInCall(step);
    if (side === 'client' && index === 0 && step.kind !== 'open') {
      report(`the client's first step must be \`open\`, not \`${written(step)}\``);
    } else if (step.kind === 'open' && side === 'upstream') {
      report('the upstream cannot `open`: it accepts; leave the step out');
    } else if (step.kind === 'open' && index > 0) {
      report('`open` must be the first step, once: a script is one connection');
    } else if (only !== undefined && only !== side) {
      report(`\`${written(step)}\`: only the ${only} can do that`);
    } else if (ended !== undefined && !['wait', 'advance', 'look'].includes(step.kind)) {
      report(
        `\`${written(step)}\` after \`${ended}\`: the connection has ended, only \`wait\`, \`look\` and \`advance\` can follow`,
      );
    } else if (halfClosed && SENDS.includes(step.kind)) {
      report(`\`${step.kind}\` after \`half-close\`: this side has said that it sends no more`);
    } else if (
      stalled &&
      (['expect', 'expect-ws', 'expect-grpc'].includes(step.kind) ||
        (step.kind === 'expect-ending' && step.ending === 'end'))
    ) {
      report('`expect` after `stall` can never be met: `resume` first');
    } else if (step.kind === 'resume' && !stalled) {
      report('`resume` without a `stall` before it');
    }
    if (ENDING_STEPS.includes(step.kind)) ended ??= step.kind;
    if (step.kind === 'half-close') halfClosed = true;
    if (step.kind === 'stall') stalled = true;
    if (step.kind === 'resume') stalled = false;
  }
  return issues;
}

/** Name of a step in a file. */
const written = ({ kind }: Step): string => (kind.startsWith('expect-') ? 'expect' : kind);

/** Finds waits that would last until the deadline in every run. */
function waitIssues({ side, path, steps }: Script, scenario: CheckedScenario): Issue[] {
  const { connections, faults } = scenario;
  const clients = clientGroups(scenario);
  const { count, concurrent } = connections;
  return steps.flatMap((step, index): Issue[] => {
    if (step.kind !== 'wait') return [];
    const at = (message: string): Issue[] => [{ path: [...path, index], message }];
    if (step.for.state === 'faulted') {
      const late =
        side === 'client' && concurrent < count && faults.some((fault) => needs(fault, count) > concurrent);
      return late ? at(`waits for a fault that needs more than ${concurrent} connections at a time`) : [];
    }
    if (step.for.state === 'healed') {
      if (faults.some((fault) => lastsFor(fault) !== undefined)) return [];
      return at('no fault is healed before the end of the round: give one a `for`, such as `for: 150ms`');
    }
    if (step.for.state === 'time') return [];
    if (step.for.state === 'advanced') {
      const passes = Math.max(...clients.map(({ script }) => script.filter(isAdvance).length));
      if (step.for.count <= passes) return [];
      return at(
        `\`advanced: ${step.for.count}\` can never be met: the clients let time pass ${passes} times`,
      );
    }
    const { state } = step.for;
    const wanted = step.for.count === 'all' ? count : step.for.count;
    if (wanted === 0 && state !== 'records' && state !== 'connecting') {
      const falling = 'only `records` and `connecting` fall';
      return at(`\`${state}: 0\` can never be met: it counts since the round began; ${falling}`);
    }
    if (wanted > count) {
      return at(`\`${state}: ${wanted}\` can never be met: there are ${count} connections`);
    }
    // the next connection opens when a script has ended, so a waiting client holds its slot
    if (side === 'client' && wanted > concurrent) {
      const message = `\`${state}: ${step.for.count}\` can never be met: it waits for ${wanted} connections, but`;
      return at(`${message} only ${concurrent} run at a time`);
    }
    return [];
  });
}

/** Longest time (ms) of a paced step; each of its pieces has the deadline to itself. */
const LONGEST_PACED = 600_000;
/** Most pieces of a paced step. */
const MOST_PIECES = 100_000;

/** Finds steps that would send a few bytes at a time for hours. */
function paceIssues({ path, steps }: Script): Issue[] {
  return steps.flatMap((step, index): Issue[] => {
    if ((step.kind !== 'send' && step.kind !== 'raw') || step.pace === undefined) return [];
    const { bytes, every } = step.pace;
    const pieces = Math.ceil((step.kind === 'send' ? step.bytes : step.text.length) / bytes);
    if (pieces <= MOST_PIECES && pieces * every <= LONGEST_PACED) return [];
    const took = Math.ceil((pieces * every) / 60_000);
    const message = `\`pace\` makes ${pieces} pieces of this, in ${took} minutes: at most ${MOST_PIECES} pieces, in 10 minutes`;
    return [{ path: [...path, index, 'pace'], message }];
  });
}

const isAdvance = ({ kind }: Step): boolean => kind === 'advance';

/** Checks steps that advance time, which passes for all connections at once: all must be there, and one side must say when. */
function advanceIssues(scenario: CheckedScenario): Issue[] {
  const { count, concurrent } = scenario.connections;
  const issues: Issue[] = scenario.upstream.flatMap(({ kind }, index) =>
    kind === 'advance'
      ? [{ path: ['upstream', index], message: "`advance` belongs into the client's script" }]
      : [],
  );
  const groups = clientGroups(scenario).filter(({ script }) => script.some(meetsOthers));
  const meetings = groups.map(({ script }) =>
    script.filter(meetsOthers).map((step) => (step.kind === 'advance' ? step.ms : 'look')),
  );
  for (const [index, { path, script }] of groups.entries()) {
    const step = script.findIndex(meetsOthers);
    const name = script[step]?.kind ?? '';
    if (concurrent < count) {
      const message = `\`${name}\` waits for all ${count} connections, but only ${concurrent} run at a time`;
      issues.push({ path: [...path, step], message });
    } else if (JSON.stringify(meetings[index]) !== JSON.stringify(meetings[0])) {
      const message =
        '`advance` and `look` are for all clients at once: each kind of client needs the same ones in the same order, or none';
      issues.push({ path: [...path, step], message });
    }
  }
  return issues;
}

/** Steps that wait until all clients have reached them. */
const meetsOthers = ({ kind }: Step): boolean => kind === 'advance' || kind === 'look';

const needs = ({ when }: Fault, count: number): number =>
  'count' in when ? (when.count === 'all' ? count : when.count) : 0;

/** Finds bytes that a script expects and the other side never sends. */
function amountIssues(
  { side, path, steps }: Script,
  scenario: CheckedScenario,
  clients: readonly ClientGroup[],
): Issue[] {
  // a server chooses the length of its answers
  if (scenario.server) return [];
  const other = side === 'client' ? 'upstream' : 'client';
  const sent =
    side === 'client'
      ? bytesSent(scenario.upstream) * requestsOf(steps)
      : Math.max(...clients.map(({ script }) => bytesSent(script)));
  let expected = 0;
  for (const [index, step] of steps.entries()) {
    const bytes = bytesExpected(step);
    if (bytes === 0) continue;
    expected += bytes;
    if (expected <= sent) continue;
    const message = `the ${side} expects ${expected} bytes in all, but the ${other} sends ${sent}`;
    return [{ path: [...path, index], message }];
  }
  return [];
}

/** Bytes that a step waits for. */
function bytesExpected(step: Step): number {
  if (step.kind === 'expect') return step.bytes;
  if (step.kind === 'expect-grpc') return step.part.type === 'message' ? step.part.bytes : 0;
  return step.kind === 'expect-ws' ? payloadOf(step.message) : 0;
}

/** Bytes of a script in a WebSocket message; those of a control frame are none. */
function payloadOf(message: WsMessage | ExpectedWs): number {
  if (message.type === 'binary') return message.bytes;
  return message.type === 'text' ? Buffer.byteLength(message.text) : 0;
}

/** Bytes that a script sends on one connection; `Infinity` for a flood, and for bytes that the target file or TLS decides. */
export const bytesSent = (script: readonly Step[]): number =>
  script.reduce((sum, step) => {
    if (step.kind === 'flood' || step.kind === 'ask' || step.kind === 'hello')
      return Number.POSITIVE_INFINITY;
    if (step.kind === 'raw') return sum + step.text.length;
    if (step.kind === 'grpc') return sum + (step.act.type === 'message' ? step.act.bytes : 0);
    if (step.kind === 'ws') return sum + payloadOf(step.message);
    if (step.kind === 'request') return sum + step.request.body;
    if (step.kind === 'respond') return sum + step.response.body;
    return step.kind === 'send' ? sum + step.bytes : sum;
  }, 0);
