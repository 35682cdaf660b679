import type { ExpectedHeaders, HttpRequest, HttpResponse, StatusWanted } from '../../scenario/step.ts';
import type { HttpHead } from '../transports/http/http-reader.ts';
import type { HttpAnswering, HttpAsking } from '../transports/http/http-peer.ts';
import { type Round } from '../round.ts';
import { StepFailure } from '../round-services.ts';

/** Connection that HTTP steps run on. */
export type HttpTalk = {
  readonly round: Round;
  readonly signal: AbortSignal;
  /** Whether the peer has ended the connection, or it is closed. */
  readonly hasEnded: boolean;
  /** State of the connection, as text. */
  readonly state: string;
  /** Writes patterned bytes into the current message. */
  send(bytes: number, deadline: number): Promise<void>;
  /** Writes bytes outside the pattern. */
  write(bytes: Buffer, deadline: number): Promise<void>;
};

/** Sends the body of a message: patterned bytes, or the text in the scenario. */
async function sendBody(
  talk: HttpTalk,
  { body, text }: Pick<HttpRequest, 'body' | 'text'>,
  deadline: number,
): Promise<void> {
  if (body === 0) return;
  if (text === undefined) await talk.send(body, deadline);
  else await talk.write(Buffer.from(text), deadline);
}

/** Sends a request; bytes of its content-length beyond the body remain owed. */
export async function sendRequest(
  talk: HttpTalk,
  http: HttpAsking,
  request: HttpRequest,
  deadline: number,
): Promise<void> {
  http.request(request);
  await sendBody(talk, request, deadline);
  if (request.length === 'chunked') http.finish();
}

/** Sends a response, or an interim one, the same way; the answer to HEAD has no body. */
export async function sendResponse(
  talk: HttpTalk,
  http: HttpAnswering,
  response: HttpResponse,
  deadline: number,
): Promise<void> {
  http.respond(response);
  if (!http.isHead) await sendBody(talk, response, deadline);
  if (response.length === 'chunked') http.finish();
}

/** Checks headers. @throws {StepFailure} for the first header that is not as expected */
export function mustHave(
  message: string,
  head: Pick<HttpHead, 'headers'> | undefined,
  expected: ExpectedHeaders = {},
): void {
  for (const [name, value] of Object.entries(expected)) {
    const came = head?.headers.get(name);
    if (value === false ? came === undefined : came === value) continue;
    const wanted = value === false ? 'none' : `\`${value}\``;
    throw new StepFailure(
      `${message}: the header \`${name}\` is ${came === undefined ? 'not there' : `\`${came}\``}, expected ${wanted}`,
    );
  }
}

/** Answers that a client's script has waited for so far. */
export class HttpAnswers {
  readonly #talk: HttpTalk;
  readonly #http: HttpAsking;
  /** index of the next expected status, counting interim ones */
  #next = 0;

  constructor(talk: HttpTalk, http: HttpAsking) {
    this.#talk = talk;
    this.#http = http;
  }

  /** Waits for one of these statuses; interim answers are skipped unless one of them is listed. */
  async expect(
    {
      statuses,
      whole,
      orEnd = false,
      headers,
      trailers,
    }: {
      statuses: readonly StatusWanted[];
      whole: boolean;
      orEnd?: boolean;
      headers?: ExpectedHeaders;
      trailers?: ExpectedHeaders;
    },
    deadline: number,
  ): Promise<void> {
    const wanted = statuses.join(' or ');
    const came = await this.#status(
      `expect a response ${wanted}`,
      statuses.some((one) => typeof one === 'number' && isInterim(one)),
      deadline,
    );
    if (came === undefined && orEnd) return;
    if (came === undefined || !statuses.some((one) => isOf(came, one))) {
      const what = came === undefined ? 'none came' : `${came} came`;
      throw new StepFailure(`expected a response ${wanted}, ${what}: ${this.#talk.state}`, { status: came });
    }
    mustHave(`the response ${came}`, this.#http.heads[this.#next - 1], headers);
    if (!whole || isInterim(came)) return;
    if (!(await this.#whole(`expect a whole response ${wanted}`, deadline)) && !orEnd)
      throw new StepFailure(`the response ${wanted} was cut short: ${this.#talk.state}`);
    mustHave(`the trailers of the response ${came}`, { headers: this.#http.trailers }, trailers);
  }

  /**
   * Waits for a complete answer of any status, or for the end of a connection that has had one. Where answers of the target do not end, the head of
   * one will do.
   */
  async expectAny(deadline: number): Promise<void> {
    const before = this.#http.answered;
    const came = await this.#status('expect an answer', false, deadline);
    if (came === undefined) {
      if (before > 0 && !this.#http.midway) return;
      throw new StepFailure(`expected an answer, none came: ${this.#talk.state}`);
    }
    if (this.#talk.round.streamsAnswers) return;
    if (!(await this.#whole('expect a whole answer', deadline)))
      throw new StepFailure(`the answer ${came} was cut short: ${this.#talk.state}`);
  }

  /** Waits for a gateway's error (5xx), or for the end of the connection before the answer is complete. */
  async expectFailure(deadline: number): Promise<void> {
    const came = await this.#status('expect a failed request', false, deadline);
    if (came === undefined || isOf(came, '5xx')) return;
    if (await this.#whole('expect a failed request', deadline))
      throw new StepFailure(`expected the request to fail, a whole answer ${came} came: ${this.#talk.state}`);
  }

  /** Waits for the next status; undefined if the connection ends first. */
  async #status(what: string, interims: boolean, deadline: number): Promise<number | undefined> {
    const { statuses } = this.#http;
    const has = (): boolean => {
      if (!interims) while (isInterim(statuses[this.#next])) this.#next++;
      return statuses.length > this.#next;
    };
    await this.#until(what, () => has() || this.#talk.hasEnded, deadline);
    return has() ? statuses[this.#next++] : undefined;
  }

  /** Waits for the end of the latest answer; false if the connection ends first. */
  async #whole(what: string, deadline: number): Promise<boolean> {
    const answers = this.#http.statuses.slice(0, this.#next).filter((one) => !isInterim(one)).length;
    const isWhole = (): boolean => this.#http.answered >= answers;
    await this.#until(what, () => isWhole() || this.#talk.hasEnded, deadline);
    return isWhole();
  }

  #until(what: string, ready: () => boolean, deadline: number): Promise<void> {
    return this.#talk.round.until(what, ready, deadline, this.#talk.signal);
  }
}

/** Whether a status is interim: 100 and 103 precede the answer, 101 is one. */
const isInterim = (status: number | undefined): boolean =>
  status !== undefined && status >= 100 && status < 200 && status !== 101;

/** Whether a status is the wanted one, or one of the wanted class. */
function isOf(status: number, wanted: StatusWanted): boolean {
  return typeof wanted === 'number' ? status === wanted : String(Math.floor(status / 100)) === wanted[0];
}
