import type { Socket } from 'node:net';

import { StreamOver } from '../stream-over.ts';
import { cutRecords } from './cut-records.ts';
import {
  APPLICATION_DATA,
  type Content,
  HANDSHAKE,
  type Suite,
  suitesFor,
  TrafficKeys,
} from './traffic-keys.ts';

/** Message of a key update (RFC 8446, 4.6.3), and the bytes in its place before its last one. */
const KEY_UPDATE = 24;
const HEAD = [KEY_UPDATE, 0, 0, 1];

/** Keys of one direction: those that Node has, and those that are in use between here and the peer. */
type Direction = { suite: Suite; node: TrafficKeys; wire: TrafficKeys };

/** Records that may have passed before the keys were known. */
const MOST_BEFORE = 16;

/**
 * Passes the records of a TLS 1.3 connection on, and adds key updates, which Node has no call for: from an update on, it opens the records
 * that Node has sealed with its first keys, and seals them with the present ones; those of the peer the other way round.
 */
export class KeyUpdateStream extends StreamOver<Socket> {
  readonly #secrets: { out?: Buffer; in?: Buffer } = {};
  readonly #isClient: boolean;
  #out: Direction | undefined;
  #in: Direction | undefined;
  #outRest: Buffer = Buffer.alloc(0);
  #inRest: Buffer = Buffer.alloc(0);
  #hasUpdatedOut = false;
  #hasUpdatedIn = false;
  /** key updates that the peer has sent */
  received = 0;

  constructor(socket: Socket, isClient: boolean) {
    super(socket);
    this.#isClient = isClient;
    this.begin((chunk) => this.#fromPeer(chunk));
  }

  /** Takes the secrets of the connection from the lines of its key log. */
  onKeys(line: Buffer): void {
    const [label = '', , secret = ''] = line.toString('latin1').trim().split(' ');
    if (!/^(CLIENT|SERVER)_TRAFFIC_SECRET_0$/.test(label)) return;
    const isOwn = label.startsWith('CLIENT') === this.#isClient;
    this.#secrets[isOwn ? 'out' : 'in'] = Buffer.from(secret, 'hex');
  }

  /**
   * Sends key updates, one after another.
   *
   * @param requests whether each asks the peer for one of its own
   * @param cipher name of the cipher suite
   */
  update(times: number, requests: boolean, cipher: string): void {
    const { out: secret } = this.#secrets;
    if (secret === undefined) throw new Error('key updates without TLS 1.3');
    // nothing may have been sent yet
    this.#out ??= directionOf(secret, cipher);
    this.#hasUpdatedOut = true;
    const { wire } = this.#out;
    const updates: Buffer[] = [];
    for (let at = 0; at < times; at++) {
      updates.push(wire.seal({ type: HANDSHAKE, content: Buffer.from([...HEAD, requests ? 1 : 0]) }));
      wire.update();
    }
    this.inner.write(Buffer.concat(updates));
  }

  #fromPeer(chunk: Buffer): void {
    const { records, rest } = cutRecords(Buffer.concat([this.#inRest, chunk]));
    this.#inRest = rest;
    const passed = records.flatMap((record) => this.#receive(record));
    if (passed.length > 0) this.pass(Buffer.concat(passed));
  }

  #receive(record: Buffer): Buffer[] {
    const opened = this.#open('in', record);
    if (opened === undefined) return [record];
    const { content, direction } = opened;
    if (content.type !== HANDSHAKE || content.content[0] !== KEY_UPDATE) {
      return [this.#hasUpdatedIn ? direction.node.seal(content) : record];
    }
    // Node does not see it
    if (!this.#hasUpdatedIn) direction.node.unskip();
    direction.wire.update();
    this.received++;
    this.#hasUpdatedIn = true;
    if (content.content[4] === 1) this.update(1, false, direction.suite.name);
    this.emit('updated');
    return [];
  }

  /** Opens a record of a direction; undefined for one of the handshake, or in the clear. */
  #open(way: 'in' | 'out', record: Buffer): { content: Content; direction: Direction } | undefined {
    const secret = this.#secrets[way];
    if (record[0] !== APPLICATION_DATA || secret === undefined) return undefined;
    const known = way === 'in' ? this.#in : this.#out;
    if (known === undefined) {
      const found = find(secret, record);
      if (found === undefined) return undefined;
      if (way === 'in') this.#in = found.direction;
      else this.#out = found.direction;
      return found;
    }
    const content = (way === 'in' ? known.wire : known.node).open(record);
    if (content === undefined) throw new Error('a record of other keys than those of the connection');
    // as long as nothing was updated, the record passes as it is
    if (way === 'in' && !this.#hasUpdatedIn) known.node.skip();
    if (way === 'out' && !this.#hasUpdatedOut) known.wire.skip();
    return { content, direction: known };
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const { records, rest } = cutRecords(Buffer.concat([this.#outRest, chunk]));
    this.#outRest = rest;
    const sealed = records.map((record) => {
      const opened = this.#open('out', record);
      if (opened === undefined || !this.#hasUpdatedOut) return record;
      return opened.direction.wire.seal(opened.content);
    });
    this.inner.write(Buffer.concat(sealed), done);
  }
}

function directionOf(secret: Buffer, cipher: string): Direction {
  const [suite] = suitesFor(secret).filter(({ name }) => name === cipher);
  if (suite === undefined) throw new Error(`no key updates with the cipher suite ${cipher}`);
  return { suite, node: new TrafficKeys(suite, secret), wire: new TrafficKeys(suite, secret) };
}

/** Finds the suite and the place of the first record of a direction. */
function find(secret: Buffer, record: Buffer): { content: Content; direction: Direction } | undefined {
  for (const suite of suitesFor(secret)) {
    const node = new TrafficKeys(suite, secret);
    const wire = new TrafficKeys(suite, secret);
    for (let before = 0; before < MOST_BEFORE; before++) {
      const content = node.open(record);
      wire.skip();
      if (content !== undefined) return { content, direction: { suite, node, wire } };
      node.skip();
    }
  }
  return undefined;
}
