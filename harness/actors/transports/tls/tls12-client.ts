import { createECDH, createHash, type ECDH, randomBytes, verify, X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { TransportRefused } from '../pipe.ts';
import { cutRecords, RECORD_HEADER } from './cut-records.ts';
import type { Pem } from './tls.ts';
import { prf, type RecordKey, recordKeys } from './tls12-keys.ts';
import {
  clientHello,
  clientKeyExchange,
  keyExchangeOf,
  leafOf,
  message,
  MESSAGE,
  serverRandomOf,
} from './tls12-messages.ts';

const RECORD = { changeCipherSpec: 20, alert: 21, handshake: 22, data: 23 } as const;
const CLOSE_NOTIFY = Buffer.from([1, 0]);
/** Most bytes of one record (RFC 5246, 6.2.1). */
const FRAGMENT = 16_384;

/** State of a handshake. */
type Handshake = {
  clientRandom: Buffer;
  serverRandom: Buffer;
  exchange: ECDH;
  master: Buffer;
  /** key with which the server encrypts after its ChangeCipherSpec */
  reading: RecordKey | undefined;
  certificate: X509Certificate | undefined;
  /** messages so far */
  transcript: Buffer[];
};

/**
 * TLS 1.2 client (RFC 5246) that can renegotiate under another name, which Node's client cannot: OpenSSL keeps the name, and Node aborts
 * the process if it is set again. One cipher suite, no resumption, no client certificate; it trusts the lab's certificate, whatever
 * the name.
 *
 * Emits `progress` after each handshake, and `keylog` as a TLSSocket does.
 */
export class Tls12Client extends Duplex {
  readonly #socket: Socket;
  readonly #trusted: X509Certificate;
  #handshake: Handshake | undefined;
  #verified: Buffer = Buffer.alloc(0);
  #writing: RecordKey | undefined;
  #reading: RecordKey | undefined;
  /** incomplete bytes of a record and of a message */
  #rest: Buffer = Buffer.alloc(0);
  #messages = Buffer.alloc(0);
  /** number of completed handshakes */
  handshakes = 0;

  constructor(socket: Socket, pem: Pem) {
    // the owner of the connection destroys its socket
    super({ allowHalfOpen: true, autoDestroy: false, emitClose: false });
    this.#socket = socket;
    this.#trusted = new X509Certificate(pem.certificate);
    socket.on('data', (chunk) => this.#onData(chunk));
    socket.on('end', () => this.#onEnd());
    // after a failed handshake there may be more errors, and nobody owns the stream
    this.on('error', () => undefined);
  }

  /** Begins a handshake; `handshakes` counts it when it is done. */
  begin(servername: string | false): void {
    const clientRandom = randomBytes(32);
    const hello = clientHello(servername, clientRandom, this.#verified);
    this.#handshake = {
      clientRandom,
      serverRandom: Buffer.alloc(32),
      exchange: createECDH('prime256v1'),
      master: Buffer.alloc(0),
      reading: undefined,
      certificate: undefined,
      transcript: [],
    };
    this.#say(this.#handshake, hello);
  }

  /** Resolves when the first handshake is done; rejects if the peer ends it before. */
  async secured(servername: string | false): Promise<this> {
    const done = new Promise<this>((resolve, reject) => {
      this.once('progress', () => resolve(this));
      this.once('error', reject);
      this.#socket.once('close', () => reject(new TransportRefused('end')));
      this.#socket.once('end', () => reject(new TransportRefused('end')));
    });
    this.begin(servername);
    return done;
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    for (let at = 0; at < chunk.length; at += FRAGMENT) {
      const last = at + FRAGMENT >= chunk.length;
      this.#send(RECORD.data, chunk.subarray(at, at + FRAGMENT), last ? done : undefined);
    }
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#send(RECORD.alert, CLOSE_NOTIFY);
    this.#socket.end(done);
  }

  #send(type: number, plain: Buffer, done?: (error?: Error | null) => void): void {
    const body = this.#writing?.seal(type, plain) ?? plain;
    this.#socket.write(
      Buffer.concat([Buffer.from([type, 3, 3, body.length >> 8, body.length & 0xff]), body]),
      done,
    );
  }

  /** Sends a handshake message. */
  #say({ transcript }: Handshake, written: Buffer): void {
    transcript.push(written);
    this.#send(RECORD.handshake, written);
  }

  #onData(chunk: Buffer): void {
    const { records, rest } = cutRecords(Buffer.concat([this.#rest, chunk]));
    this.#rest = rest;
    try {
      for (const record of records) {
        const type = record.readUInt8(0);
        const body = record.subarray(RECORD_HEADER);
        this.#onRecord(type, this.#reading?.open(type, body) ?? body);
      }
    } catch (error) {
      this.emit('error', error);
    }
  }

  #onRecord(type: number, body: Buffer): void {
    if (type === RECORD.data) {
      if (!this.push(body)) this.#socket.pause();
    } else if (type === RECORD.changeCipherSpec) {
      this.#reading = this.#handshake?.reading;
    } else if (type === RECORD.handshake) {
      this.#messages = Buffer.concat([this.#messages, body]);
      this.#readMessages();
    } else if (type === RECORD.alert) {
      if (body.equals(CLOSE_NOTIFY)) this.#onEnd();
      else this.emit('error', Object.assign(new Error(`TLS alert ${body[1]}`), { code: `ALERT_${body[1]}` }));
    }
  }

  #readMessages(): void {
    while (this.#messages.length >= 4) {
      const end = 4 + this.#messages.readUIntBE(1, 3);
      if (this.#messages.length < end) return;
      const whole = this.#messages.subarray(0, end);
      this.#messages = this.#messages.subarray(end);
      if (this.#handshake !== undefined) this.#onMessage(this.#handshake, whole);
    }
  }

  #onMessage(handshake: Handshake, whole: Buffer): void {
    const type = whole.readUInt8(0);
    const body = whole.subarray(4);
    if (type === MESSAGE.helloRequest) return;
    if (type === MESSAGE.finished) return this.#finish(handshake, body);
    handshake.transcript.push(whole);
    if (type === MESSAGE.serverHello) handshake.serverRandom = serverRandomOf(body);
    else if (type === MESSAGE.certificate) this.#trust(handshake, leafOf(body));
    else if (type === MESSAGE.serverKeyExchange) this.#agree(handshake, body);
    else if (type === MESSAGE.serverHelloDone) this.#answer(handshake);
  }

  #trust(handshake: Handshake, leaf: Buffer): void {
    if (!leaf.equals(this.#trusted.raw)) throw new TransportRefused('stranger');
    handshake.certificate = this.#trusted;
  }

  #agree(handshake: Handshake, body: Buffer): void {
    const { clientRandom, serverRandom, exchange, certificate } = handshake;
    const { point, signed, signature } = keyExchangeOf(body);
    const randoms = Buffer.concat([clientRandom, serverRandom]);
    const isSigned =
      certificate !== undefined &&
      verify('sha256', Buffer.concat([randoms, signed]), certificate.publicKey, signature);
    if (!isSigned) throw new TransportRefused('unsigned');
    exchange.generateKeys();
    handshake.master = prf(exchange.computeSecret(point), 'master secret', randoms, 48);
  }

  #answer(handshake: Handshake): void {
    const { clientRandom, serverRandom, exchange, master } = handshake;
    this.#say(handshake, clientKeyExchange(exchange.getPublicKey()));
    const keys = recordKeys(master, clientRandom, serverRandom);
    this.emit(
      'keylog',
      Buffer.from(`CLIENT_RANDOM ${clientRandom.toString('hex')} ${master.toString('hex')}\n`),
    );
    handshake.reading = keys.server;
    this.#send(RECORD.changeCipherSpec, Buffer.from([1]));
    this.#writing = keys.client;
    this.#verified = verifyData(handshake, 'client finished');
    this.#say(handshake, message(MESSAGE.finished, this.#verified));
  }

  #finish(handshake: Handshake, body: Buffer): void {
    if (!body.equals(verifyData(handshake, 'server finished'))) throw new TransportRefused('unverified');
    this.#handshake = undefined;
    this.handshakes++;
    this.emit('progress');
  }

  #onEnd(): void {
    if (!this.readableEnded) this.push(null);
  }
}

function verifyData({ master, transcript }: Handshake, label: string): Buffer {
  const hash = createHash('sha256').update(Buffer.concat(transcript)).digest();
  return prf(master, label, hash, 12);
}
