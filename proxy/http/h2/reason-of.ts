import type { TerminationReason } from '../../connection/termination.ts';
import type { HttpFault } from '../http-fault.ts';

/** Reason for which a stream ends, by the fault that has ended it. */
export const REASON_OF: Readonly<Record<HttpFault, TerminationReason>> = {
  bad_request: 'error',
  misdirected: 'sni_mismatch',
  header_timeout: 'initial_timeout',
  body_timeout: 'inactivity',
  answer_timeout: 'inactivity',
  too_many_waiting: 'rejected_limit',
  flood: 'rejected_limit',
  no_upstream: 'closed_outgoing',
  bad_answer: 'closed_outgoing',
  handler_failed: 'error',
};
