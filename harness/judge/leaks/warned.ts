import type { WarningSeen } from '../../probe/protocol.ts';
import type { Step } from '../../scenario/step.ts';
import type { Evidence } from '../evidence.ts';
import { fingerprint, lineOf } from '../fingerprint.ts';
import type { Leak } from '../verdict.ts';
import { at, oneLine } from '../words.ts';

const LISTENERS = /^MaxListenersExceededWarning: .*?(\d+) (.+?) listeners added/;
/** Listeners that a clean program may add to one emitter for each request that is under way. */
const EACH = 2;

/** Warnings of Node by the last look at the target. */
export function warningsOf({ reports }: Evidence): WarningSeen[] {
  const last = [reports.released, reports.confirmed, reports.settled].find((report) => report?.warnings);
  return last?.warnings ?? [];
}

/**
 * Listeners that Node has warned of, where the emitter was not found again: it lived longer than a request and shorter than the case, such as a
 * pooled connection. They are a leak where more were added than requests can have been under way, which is not known of literal bytes.
 */
export function warnedLeaks(evidence: Evidence, found: readonly Leak[]): Leak[] {
  if (found.some(({ resource }) => resource === 'listener')) return [];
  const { settled, confirmed } = evidence.reports;
  const most = mostUnderWay(evidence.case);
  return (confirmed?.warnings ?? settled?.warnings ?? []).flatMap(({ text, where }): Leak[] => {
    const [, listeners, event = ''] = LISTENERS.exec(text) ?? [];
    const count = Number(listeners ?? 0);
    const [first] = where;
    if (first === undefined || count <= EACH * most) return [];
    const message = `${count} '${event}' listeners on one emitter, by Node's own warning, with at most ${most} requests under way, from ${at(first)}`;
    return [
      {
        kind: 'leak',
        message: `${message}; hard: nothing was seen to clear it`,
        resource: 'listener',
        count,
        fingerprint: `${fingerprint('listener', 'warned', event)} ${lineOf(first)}`,
        where,
        sample: oneLine(text),
        hold: 'hard',
      },
    ];
  });
}

function mostUnderWay({ clients, client, connections }: Evidence['case']): number {
  if (clients === undefined) return connections.concurrent * requestsOf(client);
  return clients.reduce((sum, { concurrent, script }) => sum + concurrent * requestsOf(script), 0);
}

/** Requests that a script may have under way at once; at least one, since a connection is one. */
function requestsOf(script: readonly Step[]): number {
  if (script.some(({ kind }) => kind === 'raw')) return Infinity;
  return Math.max(1, script.filter(({ kind }) => kind === 'request' || kind === 'ask').length);
}
