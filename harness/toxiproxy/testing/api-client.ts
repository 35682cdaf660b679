import { request, type IncomingHttpHeaders } from 'node:http';

export type Reply = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON, whatever its content type says. */
  json(): unknown;
};

export type CallOptions = {
  /** A string is sent as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

export type Api = (method: string, path: string, options?: CallOptions) => Promise<Reply>;

/** Raw HTTP to an API, a socket a call, the path sent as it is. */
export function apiClient(url: string): Api {
  const { hostname, port } = new URL(url);
  return async (method, path, { body, headers = {} } = {}) =>
    new Promise((resolve, reject) => {
      const sent = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
      const call = request({ hostname, port, method, path, agent: false, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () => {
          const text = Buffer.concat(chunks).toString();
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            json: (): unknown => JSON.parse(text),
          });
        });
      });
      call.once('error', reject);
      call.end(sent);
    });
}
