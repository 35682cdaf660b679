import type { WarningSeen } from '../../probe/protocol.ts';
import type { Step } from '../../scenario/step.ts';
import type { Evidence } from '../evidence.ts';
import { fingerprint, lineOf } from '../fingerprint.ts';
import { identified } from '../identity.ts';
import type { Leak } from '../verdict.ts';
import { at, oneLine } from '../words.ts';

const LISTENERS = /^MaxListenersExceededWarning: .*?(\d+) (.+?) listeners added/;
/** Listeners that a clean program may add to an emitter for each request in progress. */
const EACH = 2;

/** Node's warnings at the last look at the target. */
export function warningsOf({ reports }: Evidence): WarningSeen[] {
  const last = [reports.released, reports.confirmed, reports.settled].find((report) => report?.warnings);
  return last?.warnings ?? [];
}

/**
 * Leaked listeners of which Node warned on an emitter that lived longer than a request and shorter than the case, such as a pooled
 * connection. They count if more were added than requests can be in progress, which is unknown for literal bytes.
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
    const print = `${fingerprint('listener', 'warned', event)} ${lineOf(first)}`;
    return [
      {
        kind: 'leak',
        message: `${message}; hard: nothing was seen to clear it`,
        resource: 'listener',
        count,
        fingerprint: print,
        ...identified(print, where),
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

/** Most requests of a script in progress at once; at least one for the connection itself. */
function requestsOf(script: readonly Step[]): number {
  if (script.some(({ kind }) => kind === 'raw')) return Infinity;
  return Math.max(1, script.filter(({ kind }) => kind === 'request' || kind === 'ask').length);
}
