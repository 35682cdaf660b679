import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import type { SampleRequest } from '../../scenario/sample-request.ts';
import type { ExpectedHeaders, HttpRequest, HttpResponse } from '../../scenario/step.ts';
import type { Side } from '../../scenario/trigger.ts';
import { HttpAnswers, type HttpTalk, mustHave, sendRequest, sendResponse } from './http-steps.ts';
import { StepFailure } from '../round-services.ts';
import { h2Of } from '../transports/h2/h2-of.ts';
import { answers, asks, type HttpAnswering, type HttpAsking } from '../transports/http/http-peer.ts';
import type { Pipe } from '../transports/pipe.ts';

/** Connection that a script speaks HTTP on, or asks a route on. */
type Talk = HttpTalk & {
  readonly actor: Side;
  readonly pipe: Pipe;
  readonly received: number;
  beginMessage(): void;
};

/** Steps of a script that send or await whole messages. */
export class HttpScript {
  readonly #talk: Talk;
  #answers: HttpAnswers | undefined;
  #receivedAtAsk = 0;
  /** whether the last {@link ask} found a connection that takes no more requests */
  #wasTurnedAway = false;
  /** the connection ended before a request was whole, as the script has it */
  #isOver = false;

  constructor(talk: Talk) {
    this.#talk = talk;
  }

  /** Sends a request; what its content-length promises beyond the body is owed. */
  async request(request: HttpRequest, deadline: number): Promise<void> {
    const http = this.#speaks<HttpAsking>(asks);
    this.#wasTurnedAway = false;
    this.#talk.beginMessage();
    await sendRequest(this.#talk, http, request, deadline);
  }

  /** Sends a response, or an interim one; nothing where the request was given up, and might be. */
  async respond(response: HttpResponse, deadline: number): Promise<void> {
    if (this.#isOver) return;
    await sendResponse(this.#talk, this.#speaks<HttpAnswering>(answers), response, deadline);
  }

  /** Answers to the requests of a client's script. */
  get answers(): HttpAnswers {
    this.#answers ??= new HttpAnswers(this.#talk, this.#speaks<HttpAsking>(asks));
    return this.#answers;
  }

  /** Sends the route's sample; a server that has ended the connection after an answer, or takes no more streams on it, is not asked again. */
  async ask(sample: SampleRequest, deadline: number): Promise<void> {
    this.#receivedAtAsk = this.#talk.received;
    this.#wasTurnedAway = h2Of(this.#talk.pipe)?.goneAway !== undefined;
    if (sample === undefined || this.#talk.hasEnded || this.#wasTurnedAway) return;
    if (typeof sample === 'string') await this.#talk.write(Buffer.from(sample, 'latin1'), deadline);
    else await this.request(sample, deadline);
  }

  /** Waits for an answer, as {@link HttpAnswers.expect} does; with `orEnd` whoever was turned away waits for none. */
  async expectResponse(step: Parameters<HttpAnswers['expect']>[0], deadline: number): Promise<void> {
    if (!(step.orEnd && this.#wasTurnedAway)) await this.answers.expect(step, deadline);
  }

  /** Waits for the answer to {@link ask}: over bytes the first of them. */
  async expectAnswer(sample: SampleRequest, deadline: number): Promise<void> {
    if (sample === undefined) return;
    if (this.#wasTurnedAway && this.#speaks<HttpAsking>(asks).answered > 0) return;
    if (this.#wasTurnedAway) throw new StepFailure('expected an answer: the server took no stream (GOAWAY)');
    if (typeof sample !== 'string') return this.answers.expectAny(deadline);
    const talk = this.#talk;
    const answered = (): boolean => talk.received > this.#receivedAtAsk;
    const settled = (): boolean => answered() || talk.hasEnded;
    await talk.round.until('expect an answer', settled, deadline, talk.signal);
    if (!answered() && talk.received === 0)
      throw new StepFailure(`expected an answer, none came: ${talk.state}`);
  }

  /** Waits until a request has come whole; with `orEnd` or its connection has ended. */
  async expectRequest(
    { headers, orEnd = false }: { headers?: ExpectedHeaders; orEnd?: boolean },
    deadline: number,
  ): Promise<void> {
    const http = this.#speaks<HttpAnswering>(answers);
    const talk = this.#talk;
    const settled = (): boolean => http.isRequested || talk.hasEnded;
    await talk.round.until('expect a request', settled, deadline, talk.signal);
    this.#isOver = orEnd && !http.isRequested;
    if (this.#isOver) return;
    if (!http.isRequested) throw new StepFailure(`expected a whole request: ${talk.state}`);
    mustHave('the request', http.head, headers);
  }

  #speaks<T extends Pipe>(isKind: (pipe: Pipe) => pipe is T): T {
    const { pipe, actor } = this.#talk;
    if (isKind(pipe)) return pipe;
    throw new LastfinError(
      'LASTFIN_SCENARIO_INVALID',
      `an HTTP step of the ${actor}, which does not speak HTTP`,
    );
  }
}
