import { isEndWatched, publishEnd } from './diagnostics.ts';
import type { RunStep } from './guarded-steps.ts';
import type { ProxyLogger } from './logger.ts';
import { codeOf } from '../connection/classify-error.ts';
import type { ErrorReason } from '../connection/classify-error.ts';
import { describeEnd } from '../connection/connection-end.ts';
import type { ConnectionEnd, EndFigures } from '../connection/connection-end.ts';
import type { ConnectionRecord, ConnectionSide } from '../connection/connection-record.ts';

/** Logs and publishes the end of a connection; a line that is only counted is not made. */
export function reportEnd(logger: ProxyLogger, step: RunStep, figures: EndFigures): void {
  if (!isEndWatched() && logger.countAlike?.('info', 'connection_end', figures) === true) return;
  const end = describeEnd(figures);
  step(figures.id, 'log the end', () => logEnd(logger, end));
  publishEnd(end);
}

/** Logs the end of a connection: one line for each, as there is one count. */
function logEnd(logger: ProxyLogger, end: ConnectionEnd): void {
  const outgoing = end.outgoing === undefined ? '' : ` / ${end.outgoing}`;
  const message = `connection ${end.id} ended: ${end.incoming}${outgoing} after ${end.duration}`;
  logger.info({ event: 'connection_end', ...end }, message);
}

/** Logs an upstream that was tried in vain, in a line of its own: the counters have it too. */
export function logAttempt(
  logger: ProxyLogger,
  { id: connection, route }: ConnectionRecord,
  id: string,
  reason: ErrorReason,
): void {
  const fields = { event: 'connection_end', attempt: true, id, route, outgoing: reason };
  logger.info(fields, `connection ${connection}: ${reason}, trying the next upstream`);
}

/** Logs an error that no reason is known for. */
export function logUnexpected(logger: ProxyLogger, { record, name: side }: ConnectionSide, err: Error): void {
  const fields = { event: 'socket_error', id: record.id, side, code: codeOf(err), err };
  logger.warn(fields, `unexpected ${side} error`);
}
