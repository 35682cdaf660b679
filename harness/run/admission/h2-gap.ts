import { fieldOfConnection } from '../../scenario/protocols/h2-fields.ts';
import type { Step } from '../../scenario/step.ts';

/** Why a message of HTTP/1.1 cannot be had over HTTP/2; undefined where it can. */
export function h2Gap(step: Step): string | undefined {
  if (step.kind === 'request' && step.request.method === 'CONNECT' && step.request.protocol === undefined)
    return 'h2 has no tunnels here';
  if (step.kind === 'respond' && step.response.status === 101) return 'h2 has no 101';
  const message =
    step.kind === 'request' ? step.request : step.kind === 'respond' ? step.response : undefined;
  if (message === undefined) return undefined;
  const header = fieldOfConnection(message.headers);
  if (header !== undefined) return `h2 has no header \`${header}\``;
  const trailer = fieldOfConnection(message.trailers ?? {});
  return trailer === undefined ? undefined : `h2 has no trailer \`${trailer}\``;
}
