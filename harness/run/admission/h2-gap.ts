import type { Step } from '../../scenario/step.ts';

/** Headers about a connection, which streams cannot have (RFC 9113, 8.2.2). */
const OF_A_CONNECTION = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
];

/** Why a message of HTTP/1.1 cannot be had over HTTP/2; undefined where it can. */
export function h2Gap(step: Step): string | undefined {
  if (step.kind === 'request' && step.request.method === 'CONNECT' && step.request.protocol === undefined)
    return 'h2 has no tunnels here';
  if (step.kind === 'respond' && step.response.status === 101) return 'h2 has no 101';
  const message =
    step.kind === 'request' ? step.request : step.kind === 'respond' ? step.response : undefined;
  if (message === undefined) return undefined;
  const header = ofAConnection(message.headers);
  if (header !== undefined) return `h2 has no header \`${header}\``;
  const trailer = ofAConnection(message.trailers ?? {});
  return trailer === undefined ? undefined : `h2 has no trailer \`${trailer}\``;
}

function ofAConnection(fields: Readonly<Record<string, string>>): string | undefined {
  return Object.keys(fields).find((name) => OF_A_CONNECTION.includes(name.toLowerCase()));
}
