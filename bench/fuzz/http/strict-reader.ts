/** A request as a strict reading of RFC 9112 finds it in a client's bytes. */
export type ReadRequest = {
  method: string;
  target: string;
  host: string;
  body: string;
  /** all of it is there */
  complete: boolean;
};

/** An answer as a strict reading finds it. */
/** `lastsToEnd`: it has no length, and is over where the connection is. */
export type ReadAnswer = { status: number; body: string; complete: boolean; lastsToEnd?: true };

/** The messages in some bytes, and what is behind the last one: nobody may take that for a message. */
export type Read<Message> = { messages: Message[]; rest: string };

type Field = readonly [name: string, value: string];
type Head = { line: string; fields: Field[]; end: number };
type Body = { body: string; complete: boolean; end: number };

const TOKEN = "[!#$%&'*+.^_`|~\\dA-Za-z-]+";
const FIELD = new RegExp(`^(${TOKEN}):[ \\t]*([\\t\\x20-\\x7e\\x80-\\xff]*?)[ \\t]*$`);
/*
 * Three things that Node's parser lets in and does not tell of are let in here, too: none of them changes where a message ends. Words of
 * a request line may be divided by more than one space (RFC 9112, 3), line ends before a request are passed over (2.2), and RTSP is
 * taken for HTTP.
 */
const REQUEST_LINE = new RegExp(`^(${TOKEN}) +([\\x21-\\x7e]+) +(?:HTTP|RTSP)/1\\.([01])$`);
const STATUS_LINE = /^(?:HTTP|RTSP)\/1\.[01] ([1-5]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/;
const HOST = /^(\[[\da-f:.]+\]|[\w-]+(\.[\w-]+)*\.?)(:\d{1,5})?$/i;

/**
 * Reads requests as strictly as the grammar is: whatever is not exactly a request ends the reading.
 *
 * @param text latin1
 */
export function readRequests(text: string): Read<ReadRequest> {
  const messages: ReadRequest[] = [];
  let at = 0;
  for (;;) {
    at = afterLineEnds(text, at);
    const head = readHead(text, at);
    const line = head && REQUEST_LINE.exec(head.line);
    if (head === undefined || line === null || line === undefined) break;
    const [, method = '', target = '', minor = ''] = line;
    const framing = framingOf(head.fields);
    const hosts = values(head.fields, 'host');
    const host = hosts[0] ?? '';
    const hasHost = hosts.length === 1 ? HOST.test(host) : hosts.length === 0 && minor === '0';
    if (framing === undefined || !hasHost || (framing === 'chunked' && minor === '0')) break;
    const body = readBody(text, head.end, framing);
    messages.push({ method, target, host, body: body.body, complete: body.complete });
    at = body.end;
    if (!body.complete || isLast(head.fields, minor)) break;
  }
  return { messages, rest: text.slice(at) };
}

/**
 * Reads answers to requests with these methods.
 *
 * @param ended the connection has closed: what has no length has its end there
 */
export function readAnswers(text: string, methods: readonly string[]): Read<ReadAnswer> {
  const messages: ReadAnswer[] = [];
  let at = afterLineEnds(text, 0);
  while (at < text.length) {
    const head = readHead(text, at);
    const status = Number(STATUS_LINE.exec(head?.line ?? '')?.[1]);
    const framing = head && framingOf(head.fields);
    if (head === undefined || Number.isNaN(status) || framing === undefined) break;
    at = head.end;
    if (status === 101) return { messages: [...messages, { status, body: '', complete: true }], rest: '' };
    if (status < 200) {
      at = afterLineEnds(text, at);
      continue;
    }
    const isBare = methods[messages.length] === 'HEAD' || status === 204 || status === 304;
    if (isBare) {
      messages.push({ status, body: '', complete: true });
      continue;
    }
    const hasFraming = framing === 'chunked' || values(head.fields, 'content-length').length > 0;
    const whole = { body: text.slice(at), complete: true, end: text.length };
    const body = hasFraming ? readBody(text, at, framing) : whole;
    const { complete } = body;
    messages.push({ status, body: body.body, complete, ...(hasFraming ? {} : { lastsToEnd: true }) });
    at = body.end;
    if (!body.complete) break;
  }
  return { messages, rest: text.slice(at) };
}

function afterLineEnds(text: string, from: number): number {
  let at = from;
  while (text[at] === '\r' || text[at] === '\n') at += 1;
  return at;
}

function readHead(text: string, from: number): Head | undefined {
  const end = text.indexOf('\r\n\r\n', from);
  if (end === -1) return undefined;
  const [line = '', ...lines] = text.slice(from, end).split('\r\n');
  const fields = lines.map((one) => FIELD.exec(one));
  if (fields.includes(null)) return undefined;
  return {
    line,
    fields: fields.map((field) => [field![1]!.toLowerCase(), field![2]!] as const),
    end: end + 4,
  };
}

/** A length, or `chunked`; undefined where it is not certain. */
function framingOf(fields: readonly Field[]): number | 'chunked' | undefined {
  const encodings = values(fields, 'transfer-encoding');
  const lengths = values(fields, 'content-length');
  if (encodings.length === 0 && lengths.length === 0) return 0;
  if (encodings.length + lengths.length > 1) return undefined;
  const [length] = lengths;
  if (length !== undefined) return /^\d{1,15}$/.test(length) ? Number(length) : undefined;
  return encodings[0]!.toLowerCase() === 'chunked' ? 'chunked' : undefined;
}

/** A body whose chunks are none is never complete, and has nothing behind it. */
function readBody(text: string, from: number, framing: number | 'chunked'): Body {
  if (framing !== 'chunked') {
    const body = text.slice(from, from + framing);
    return { body, complete: body.length === framing, end: from + body.length };
  }
  let body = '';
  let at = from;
  for (;;) {
    const line = text.indexOf('\r\n', at);
    const broken = { body, complete: false, end: text.length };
    if (line === -1) return broken;
    const size = /^([\dA-Fa-f]+)(?:;[^\r\n\0]*)?$/.exec(text.slice(at, line))?.[1];
    if (size === undefined) return broken;
    const length = Number.parseInt(size, 16);
    at = line + 2;
    if (length === 0) return readTrailers(text, at, body);
    body += text.slice(at, at + length);
    if (text.slice(at + length, at + length + 2) !== '\r\n') {
      return { body, complete: false, end: text.length };
    }
    at += length + 2;
  }
}

function readTrailers(text: string, from: number, body: string): Body {
  let at = from;
  for (;;) {
    const end = text.indexOf('\r\n', at);
    if (end === -1) return { body, complete: false, end: text.length };
    const line = text.slice(at, end);
    at = end + 2;
    if (line === '') return { body, complete: true, end: at };
    if (!FIELD.test(line)) return { body, complete: false, end: text.length };
  }
}

function values(fields: readonly Field[], name: string): string[] {
  return fields.flatMap(([field, value]) => (field === name ? [value] : []));
}

/** Nothing behind it is a request: it says so, or it changes the protocol. */
function isLast(fields: readonly Field[], minor: string): boolean {
  const options = values(fields, 'connection').flatMap((value) => value.toLowerCase().split(/[ \t]*,[ \t]*/));
  if (options.includes('close') || (minor === '0' && !options.includes('keep-alive'))) return true;
  return options.includes('upgrade') && values(fields, 'upgrade').length > 0;
}
