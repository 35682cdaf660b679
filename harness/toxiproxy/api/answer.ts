import type { ApiError } from '../api-error.ts';
import { printJson, type Printable } from '../json/print.ts';

/** Answer of a handler; the server writes it. */
export type Answer = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

export function json(status: number, value: Printable): Answer {
  return { status, headers: { 'Content-Type': 'application/json' }, body: printJson(value) };
}

export const noContent: Answer = { status: 204 };

/** Plain text as Go's `http.Error` writes it. */
export function text(status: number, body: string): Answer {
  return {
    status,
    headers: { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' },
    body: `${body}\n`,
  };
}

/** The real server writes its JSON errors with `http.Error`, hence as text. */
export function failure(error: ApiError): Answer {
  return text(error.status, printJson({ error: error.message, status: error.status }));
}
