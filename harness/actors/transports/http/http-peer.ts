import { H2Client } from '../h2/h2-client.ts';
import { H2Exchange } from '../h2/h2-exchange.ts';
import type { Pipe } from '../pipe.ts';
import { HttpClient } from './http-client.ts';
import { HttpExchange } from './http-server.ts';

/** Client that makes requests, in any version of HTTP. */
export type HttpAsking = HttpClient | H2Client;

/** Upstream that answers a request, in any version of HTTP. */
export type HttpAnswering = HttpExchange | H2Exchange;

export const asks = (pipe: Pipe): pipe is HttpAsking =>
  pipe instanceof HttpClient || pipe instanceof H2Client;

export const answers = (pipe: Pipe): pipe is HttpAnswering =>
  pipe instanceof HttpExchange || pipe instanceof H2Exchange;
