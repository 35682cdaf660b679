import type { Load } from '../../scenario/background-load.ts';
import type { HttpAnswering } from '../transports/http/http-peer.ts';
import { LOAD_MARK } from './load-mark.ts';

/** Whether a request is one of a load. */
export const isOfLoad = ({ head }: HttpAnswering): boolean => head.headers.has(LOAD_MARK);

/** Answers a request of a load once it has come whole. */
export function answerLoad(exchange: HttpAnswering, { answer }: Load): void {
  exchange.on('error', () => undefined);
  exchange.once('end', () => {
    exchange.respond({ status: 200, headers: {}, body: answer });
    if (answer > 0) exchange.write(Buffer.alloc(answer, 'load'));
  });
  exchange.resume();
}
