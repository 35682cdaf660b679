import { MessageError } from './http-fault.ts';

/** Fault of a body that is longer than allowed; undefined if it is not. @param maxBody bytes; 0: no limit */
export function overLimit(size: number, maxBody: number): MessageError | undefined {
  if (maxBody === 0 || !(size > maxBody)) return undefined;
  return new MessageError('bad_request', 'a body that is too large', 413);
}

/** Fault of a body that is longer or shorter than its head has said. */
export function otherLength(): MessageError {
  return new MessageError('bad_request', 'a body of another length than announced');
}
