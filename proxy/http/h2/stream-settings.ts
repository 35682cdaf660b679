import type { TerminationReason } from '../../connection/termination.ts';
import type { Limits } from '../../limits/limits.ts';
import type { MakeCall } from '../call.ts';
import type { Named } from '../check-request.ts';
import type { MessageError } from '../http-fault.ts';
import type { MessageLimits } from '../message-clock.ts';
import type { HeadLimits } from './check-head.ts';
import type { StreamTimes } from './stream-clock.ts';

/** Limits of one stream, in ms, bytes and fields. */
export type StreamLimits = MessageLimits & HeadLimits & StreamTimes & Pick<Limits, 'maxBody'>;

/** Dependencies of the exchanges of one connection's streams. */
export type StreamSettings = {
  named: Named;
  client: string | undefined;
  limits: StreamLimits;
  /** makes the request to an upstream, which begins with `start` */
  call: MakeCall;
  onFault(error: MessageError): void;
};

/** Receiver of what happens to one stream. */
export type StreamEvents = {
  /** called for each part of the body */
  onContent(size: number): void;
  /** whether the connection of the stream has ended */
  isLost(): boolean;
  /** called once, when the stream has closed */
  onEnd(reason: TerminationReason): void;
};
