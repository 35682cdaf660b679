import http from 'node:http';

import type { Endpoint } from '../probe/outside/tcp-table.ts';

/** Time for an answer, ms: a listener may be something else that says nothing. */
const WITHIN = 2_000;
/** Most characters of an answer. */
const MOST = 1_000_000;

/** Address of the conversation that an inspector offers. Rejects if nobody answers, or something that is no inspector. */
export async function pageOf({ host, port }: Endpoint): Promise<URL> {
  const text = await get(host, port);
  const [first] = JSON.parse(text) as { webSocketDebuggerUrl?: unknown }[];
  if (typeof first?.webSocketDebuggerUrl !== 'string') throw new Error('it is no inspector of Node.js');
  const url = new URL(first.webSocketDebuggerUrl);
  url.hostname = host.includes(':') ? `[${host}]` : host;
  url.port = String(port);
  return url;
}

function get(host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.get(
      { host, port, path: '/json/list', agent: false, timeout: WITHIN },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => {
          text += part;
          if (text.length > MOST) request.destroy(new Error('it is no inspector of Node.js'));
        });
        response.on('end', () => resolve(text));
        response.on('error', reject);
      },
    );
    request.on('timeout', () => request.destroy(new Error(`no answer within ${WITHIN} ms`)));
    request.on('error', reject);
  });
}
