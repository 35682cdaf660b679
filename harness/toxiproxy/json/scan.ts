/** A JSON value with what `JSON.parse` forgets and Go's errors need: how a number was written, doubled keys. */
export type JsonValue =
  | { readonly kind: 'null' }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'array'; readonly items: readonly JsonValue[] }
  | { readonly kind: 'object'; readonly entries: readonly (readonly [string, JsonValue])[] };

/** Broken JSON, in the words of Go's `encoding/json`. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
}

/** Deeper is refused; the real server's limit is 10,000. */
const MAX_DEPTH = 1000;

/** Reads the first JSON value of a body and ignores what follows it, as Go's `json.Decoder` does. */
export function scanJson(body: Uint8Array): JsonValue {
  return new Scanner(body).first();
}

class Scanner {
  /** Text with one character a byte, since errors show bytes. */
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(body: Uint8Array) {
    this.#text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1');
  }

  first(): JsonValue {
    this.#skipSpace();
    if (this.#at >= this.#text.length) throw new JsonSyntaxError('EOF');
    return this.#value();
  }

  #value(): JsonValue {
    this.#skipSpace();
    const char = this.#peek();
    switch (char) {
      case '{':
        return this.#nested(() => this.#object());
      case '[':
        return this.#nested(() => this.#array());
      case '"':
        return { kind: 'string', value: this.#string() };
      case 't':
        this.#literal('true');
        return { kind: 'bool', value: true };
      case 'f':
        this.#literal('false');
        return { kind: 'bool', value: false };
      case 'n':
        this.#literal('null');
        return { kind: 'null' };
      default:
        if (char === '-' || isDigit(char)) return { kind: 'number', text: this.#number() };
        throw this.#unexpected('looking for beginning of value');
    }
  }

  #nested(read: () => JsonValue): JsonValue {
    if (++this.#depth > MAX_DEPTH) throw new JsonSyntaxError('exceeded max depth');
    this.#at++;
    const value = read();
    this.#depth--;
    return value;
  }

  #object(): JsonValue {
    const entries: [string, JsonValue][] = [];
    this.#skipSpace();
    if (this.#skip('}')) return { kind: 'object', entries };
    for (;;) {
      this.#skipSpace();
      if (this.#peek() !== '"') throw this.#unexpected('looking for beginning of object key string');
      const key = this.#string();
      this.#skipSpace();
      if (!this.#skip(':')) throw this.#unexpected('after object key');
      entries.push([key, this.#value()]);
      this.#skipSpace();
      if (this.#skip('}')) return { kind: 'object', entries };
      if (!this.#skip(',')) throw this.#unexpected('after object key:value pair');
    }
  }

  #array(): JsonValue {
    const items: JsonValue[] = [];
    this.#skipSpace();
    if (this.#skip(']')) return { kind: 'array', items };
    for (;;) {
      items.push(this.#value());
      this.#skipSpace();
      if (this.#skip(']')) return { kind: 'array', items };
      if (!this.#skip(',')) throw this.#unexpected('after array element');
    }
  }

  #string(): string {
    const start = this.#at++;
    for (;;) {
      const char = this.#peek();
      if (char < ' ') throw this.#unexpected('in string literal');
      this.#at++;
      if (char === '"') break;
      if (char === '\\') this.#escape();
    }
    const literal = Buffer.from(this.#text.slice(start, this.#at), 'latin1').toString();
    // Lone surrogates become U+FFFD on the way through UTF-8.
    return Buffer.from(JSON.parse(literal) as string).toString();
  }

  #escape(): void {
    const char = this.#peek();
    if (!'"\\/bfnrtu'.includes(char)) throw this.#unexpected('in string escape code');
    this.#at++;
    if (char !== 'u') return;
    for (let digit = 0; digit < 4; digit++) {
      if (!/[0-9a-fA-F]/.test(this.#peek())) throw this.#unexpected('in \\u hexadecimal character escape');
      this.#at++;
    }
  }

  #number(): string {
    const start = this.#at;
    this.#skip('-');
    if (!this.#skip('0')) this.#digits('in numeric literal');
    if (this.#skip('.')) this.#digits('after decimal point in numeric literal');
    if (this.#skip('e') || this.#skip('E')) {
      if (!this.#skip('+')) this.#skip('-');
      this.#digits('in exponent of numeric literal');
    }
    return this.#text.slice(start, this.#at);
  }

  #digits(where: string): void {
    if (!isDigit(this.#peek())) throw this.#unexpected(where);
    while (isDigit(this.#text[this.#at])) this.#at++;
  }

  #literal(word: string): void {
    for (const char of word) {
      if (this.#peek() !== char) throw this.#unexpected(`in literal ${word} (expecting '${char}')`);
      this.#at++;
    }
  }

  #peek(): string {
    const char = this.#text[this.#at];
    if (char === undefined) throw new JsonSyntaxError('unexpected EOF');
    return char;
  }

  #skip(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #skipSpace(): void {
    while (' \t\r\n'.includes(this.#text[this.#at] ?? 'x')) this.#at++;
  }

  #unexpected(where: string): JsonSyntaxError {
    return new JsonSyntaxError(`invalid character ${quote(this.#peek())} ${where}`);
  }
}

function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= '0' && char <= '9';
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  "'": "\\'",
  '"': '"',
};

/** A byte as Go prints it between single quotes. */
function quote(char: string): string {
  const hex = char.charCodeAt(0).toString(16).padStart(2, '0');
  if (ESCAPES[char] !== undefined) return `'${ESCAPES[char]}'`;
  if (char < ' ' || char === '\x7f') return `'\\x${hex}'`;
  if ((char >= '\x80' && char <= '\xa0') || char === '\xad') return `'\\u00${hex}'`;
  return `'${char}'`;
}
