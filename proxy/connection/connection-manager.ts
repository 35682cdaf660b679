import type { Socket } from 'node:net';
import { reportResetAfterNotedData } from '../../shared/reset-after-data.ts';
import type { Refusal } from '../routing/admission.ts';
import { classifyError, originOfError } from './classify-error.ts';
import type { ErrorReason } from './classify-error.ts';
import type { Clock } from '../clock/clock.ts';
import { summarizeEnd } from './connection-end.ts';
import {
  createRecord,
  createSide,
  everySide,
  forgetTimer,
  isClosed,
  isExchanged,
  isPart,
  isTakenOver,
  recordsOf,
  sidesOf,
  takeOver,
} from './connection-record.ts';
import type { ConnectionRecord, ConnectionSide, Kept } from './connection-record.ts';
import { factsOf, publish } from '../observe/diagnostics.ts';
import { destroySocket, endSocket, passEnd } from './end-socket.ts';
import { guardSteps } from '../observe/guarded-steps.ts';
import type { RunStep } from '../observe/guarded-steps.ts';
import type { ProxyLogger } from '../observe/logger.ts';
import { logAttempt, logUnexpected, reportEnd } from '../observe/log-end.ts';
import type { Bridged } from '../tls/bridge.ts';
import type { TlsEvents } from '../tls/client-tls.ts';
import { createWatch, tlsEvents } from './side-events.ts';
import type { SideEvents } from './side-events.ts';
import { retire } from './retire.ts';
import { TerminationStatistics } from './termination-statistics.ts';
import { bridgeReason, reasonOf } from './termination.ts';
import type { Origin, TerminationReason } from './termination.ts';
import { activityMark, freezeBytesWritten } from './transferred-bytes.ts';
import type { ProxyStatistics } from './termination-statistics.ts';

/** Events of a manager. */
export type ManagerEvents = {
  /** a connection begins to end: nothing watches it any more but the grace */
  onEnding(record: ConnectionRecord): void;
  /** a connection has ended: its record has gone and is counted */
  onEnd(record: ConnectionRecord): void;
  /** the last record has gone; called each time */
  onEmpty(): void;
};

/** Keeps the records: a connection is here from its accept until both its sockets have closed, and is counted once. */
export class ConnectionManager {
  readonly #clock: Clock;
  readonly #logger: ProxyLogger;
  readonly #step: RunStep;
  readonly #events: ManagerEvents;
  readonly #records = new Map<string, Kept>();
  readonly #terminations = new TerminationStatistics();
  readonly #sideEvents: SideEvents = {
    onError: (side, error) => {
      freezeBytesWritten(side);
      if (isPart(side)) this.#onError(side.record, side, error);
    },
    onEnd: (side) => this.#onEnd(side.record, side),
    onFinish: ({ record }) => this.#endIfExchanged(record),
    onClose: (side) => {
      if (isPart(side)) this.#onClose(side.record, side);
    },
  };
  readonly #watchEvents = createWatch(this.#sideEvents);
  #grace: number;
  #accepted = 0;
  #outgoingCreated = 0;
  #activeOutgoing = 0;
  #attempts = 0;

  /** @param grace ms between a socket's end() and its destroy() */
  constructor(clock: Clock, logger: ProxyLogger, grace: number, events: ManagerEvents) {
    this.#clock = clock;
    this.#logger = logger;
    this.#step = guardSteps(logger);
    this.#grace = grace;
    this.#events = events;
  }

  get connectionCount(): number {
    return this.#records.size;
  }

  records(): Iterable<ConnectionRecord> {
    return recordsOf(this.#records.values());
  }

  statistics(): ProxyStatistics {
    return {
      accepted: this.#accepted,
      active: this.#records.size,
      outgoingCreated: this.#outgoingCreated,
      activeOutgoing: this.#activeOutgoing,
      terminations: this.#terminations.snapshot(),
    };
  }

  /** Opens the record of a socket that was just accepted. */
  add(socket: Socket): ConnectionRecord {
    this.#accepted += 1;
    const record = createRecord(String(this.#accepted), socket, this.#clock.now());
    this.#records.set(record.id, record.kept);
    this.#watch(record.incoming);
    return record;
  }

  /**
   * Ties an upstream socket to its record, in the tick in which it was made: clean-up can then never miss it.
   *
   * @param failOver called where its connect fails, to add the next one; without it the connection ends then
   */
  addOutgoing(record: ConnectionRecord, socket: Socket, failOver?: () => void): ConnectionSide {
    const side = createSide(record, 'outgoing', socket, failOver);
    record.outgoing = side;
    this.#outgoingCreated += 1;
    this.#activeOutgoing += 1;
    this.#watch(side);
    return side;
  }

  /** Ties the inner proxy, when it is made, to the record of the client whose socket it takes. An end of its own is the client's if that has ended before. */
  addInner(record: ConnectionRecord, open: (events: TlsEvents) => Bridged): Bridged {
    const origin = (): Origin => (record.innerEnd === undefined ? (record.firstEnd ?? 'outgoing') : 'both');
    const onInnerGone = (): void => this.initiateCleanupOnce(record, origin(), record.innerEnd ?? 'normal');
    const bridged = takeOver(record, open(tlsEvents(record, { ...this.#sideEvents, onInnerGone })));
    this.#outgoingCreated += 1;
    this.#activeOutgoing += 1;
    return bridged;
  }

  /** Runs `callback` once, `ms` from now, unless the connection is ending by then. 0 ms: never. */
  startTimer(record: ConnectionRecord, ms: number, callback: () => void): () => void {
    if (ms === 0) return () => {};
    const timer = this.#clock.setTimeout(() => {
      forgetTimer(record, timer);
      if (!record.ending) callback();
    }, ms);
    record.timers ??= [];
    record.timers.push(timer);
    return () => {
      forgetTimer(record, timer);
      timer.cancel();
    };
  }

  /**
   * Ends a connection. The first caller fixes the reasons of both sides; later calls change nothing. Both sockets are
   * ended gracefully, and destroyed after the grace.
   *
   * @param origin the side on which the cause was seen
   */
  initiateCleanupOnce(record: ConnectionRecord, origin: Origin, cause: TerminationReason): void {
    if (record.ending) return;
    record.ending = true;
    this.#letGo(record);
    for (const side of sidesOf(record)) {
      const reason = reasonOf(side.name, origin, cause);
      side.reason = record.bridged ? bridgeReason(side.name, reason) : reason;
      endSocket(record.id, side, this.#clock, this.#grace, this.#step);
    }
    this.#finalizeIfClosed(record);
  }

  /** Turns away a connection that has no upstream yet: a reset, which costs neither end anything more. */
  refuse(record: ConnectionRecord, reason: Refusal): void {
    record.ending = true;
    record.incoming.reason = reason;
    this.#letGo(record);
    publish('lastfin:connection:reject', () => ({ ...factsOf(record), reason }));
    this.#step(record.id, 'reset incoming', () => record.incoming.socket.resetAndDestroy());
  }

  /** A connect has failed or takes too long: the next upstream is tried where there is one, else the connection ends. */
  connectFailed(record: ConnectionRecord, side: ConnectionSide, reason: ErrorReason): void {
    const { failOver } = side;
    if (failOver === undefined || record.ending) {
      this.initiateCleanupOnce(record, originOfError(side.name, side.connected, reason), reason);
      return;
    }
    // from here on the socket's events are nobody's: it is counted now
    record.outgoing = undefined;
    this.#activeOutgoing -= 1;
    this.#terminations.increment('outgoing', reason);
    destroySocket(record.id, side, this.#step);
    this.#attempts += 1;
    const id = `${record.id}.${this.#attempts}`;
    this.#step(record.id, 'log a failed connect', () => logAttempt(this.#logger, record, id, reason));
    failOver();
  }

  /** Ends all connections for the proxy's own stop, with another grace (ms) from here on. */
  shutdown(grace: number): void {
    this.#grace = grace;
    for (const record of this.records()) retire(this, record, grace);
  }

  /** Tears down all sockets at once. The records go when the sockets have closed. */
  destroyAll(): void {
    for (const record of this.records()) {
      this.initiateCleanupOnce(record, 'both', 'shutdown');
      for (const side of sidesOf(record)) destroySocket(record.id, side, this.#step);
    }
  }

  /** The handlers stay on the socket until it is collected: a late error with nobody listening would end the process. */
  #watch(side: ConnectionSide): void {
    reportResetAfterNotedData(side.socket);
    this.#watchEvents(side);
  }

  #onError(record: ConnectionRecord, side: ConnectionSide, error: Error): void {
    if (this.#endedInside(record)) return;
    const reason = classifyError(error);
    if (reason === 'error' && !record.ending)
      this.#step(record.id, 'log error', () => logUnexpected(this.#logger, side, error));
    if (side.connected) this.initiateCleanupOnce(record, side.name, reason);
    else this.connectFailed(record, side, reason);
  }

  #onEnd(record: ConnectionRecord, side: ConnectionSide): void {
    if (side.name === 'outgoing' && this.#endedInside(record)) return;
    // the client left before it was known where to
    if (record.outgoing === undefined) this.initiateCleanupOnce(record, side.name, 'normal');
    if (record.firstEnd === undefined) {
      record.firstEnd = side.name;
      // the half-open time counts from the FIN, not from the last byte before it
      record.activity.mark = activityMark(record);
      record.activity.since = this.#clock.now();
    }
    passEnd(record, side);
    this.#endIfExchanged(record);
  }

  /** The inner proxy has said why it ends the connection: a reset is then only how the end comes. */
  #endedInside(record: ConnectionRecord): boolean {
    if (record.innerEnd === undefined) return false;
    this.initiateCleanupOnce(record, 'both', record.innerEnd);
    return true;
  }

  /** A graceful end is one where both FINs came and all bytes went out: only then is `normal` true. */
  #endIfExchanged(record: ConnectionRecord): void {
    const { outgoing, firstEnd } = record;
    if (outgoing === undefined || firstEnd === undefined) return;
    if (!everySide(record, isExchanged)) return;
    this.initiateCleanupOnce(record, firstEnd, 'normal');
  }

  #onClose(record: ConnectionRecord, side: ConnectionSide): void {
    side.closed = true;
    freezeBytesWritten(side);
    side.graceTimer?.cancel();
    side.graceTimer = undefined;
    // one side may be done while the other still sends its last bytes; anything else here is an end without a cause
    if (!side.ended || !side.finished) this.initiateCleanupOnce(record, side.name, 'error');
    // the inner proxy has no other socket
    if (isTakenOver(record) && side.name === 'incoming') this.#onClose(record, record.outgoing!);
    this.#finalizeIfClosed(record);
  }

  #finalizeIfClosed(record: ConnectionRecord): void {
    if (!record.ending || !everySide(record, isClosed)) return;
    // a map lookup makes it once: whoever deletes the record counts it
    if (!this.#records.delete(record.id)) return;
    record.kept.record = undefined;
    this.#count(record);
    this.#step(record.id, 'tell of the end', () => this.#events.onEnd(record));
    const report = (): void => reportEnd(this.#logger, this.#step, summarizeEnd(record, this.#clock.now()));
    this.#step(record.id, 'report the end', report);
    if (this.#records.size === 0)
      this.#step(record.id, 'tell that none is left', () => this.#events.onEmpty());
  }

  #count(record: ConnectionRecord): void {
    for (const side of sidesOf(record)) {
      this.#terminations.increment(side.name, side.reason ?? 'error');
      if (side.name === 'outgoing') this.#activeOutgoing -= 1;
    }
  }

  /** An ending connection waits for nothing, and what its client has sent early goes nowhere. */
  #letGo(record: ConnectionRecord): void {
    this.#cancelTimers(record);
    this.#events.onEnding(record);
    record.requests?.stop();
    record.requests = undefined;
    record.endBridge?.();
    record.endBridge = undefined;
    record.drainBridge = undefined;
  }

  #cancelTimers(record: ConnectionRecord): void {
    for (const timer of record.timers ?? []) timer.cancel();
    record.timers = undefined;
  }
}
