import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

import type { Network } from '../../../lab/network/network.ts';
import type { DnsAnswer } from '../../../scenario/kernel-fault.ts';
import { answerTo, RCODE, readQuestion } from './dns-message.ts';

/** Address of the name server in the resolver's configuration; the port is always 53. */
export const NAME_SERVER = '127.0.0.53';
const PORT = 53;
const UNPRIVILEGED = 'net.ipv4.ip_unprivileged_port_start';

/** Name server for one name, on the loopback of a namespace. It knows no other name and asks nobody. */
export class NameServer {
  readonly #name: string;
  readonly #addresses: readonly string[];
  readonly #network: Network;
  readonly #late = new Set<NodeJS.Timeout>();
  #socket: Socket | undefined;
  #answer: { answer: DnsAnswer; delay: number } | undefined;

  private constructor(network: Network, name: string, addresses: readonly string[]) {
    this.#network = network;
    this.#name = name;
    this.#addresses = addresses;
  }

  static async start(network: Network, name: string, addresses: readonly string[]): Promise<NameServer> {
    const server = new NameServer(network, name, addresses);
    await server.#listen();
    return server;
  }

  /** Sets the answer from now on; `undefined`: the right one. */
  async answer(answer: DnsAnswer | undefined, delay = 0): Promise<void> {
    this.#answer = answer === undefined ? undefined : { answer, delay };
    if (answer === 'refused') await this.close();
    else await this.#listen();
  }

  async close(): Promise<void> {
    for (const timer of this.#late) clearTimeout(timer);
    this.#late.clear();
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket === undefined) return;
    const closed = once(socket, 'close');
    socket.close();
    await closed;
  }

  async #listen(): Promise<void> {
    if (this.#socket !== undefined) return;
    const socket = createSocket('udp4');
    socket.on('message', (query, { port, address }) => {
      this.#hear(query, (reply) => socket.send(reply, port, address));
    });
    // port 53 is privileged; that is changed for the moment of the bind
    const before = await this.#network.setSysctl(UNPRIVILEGED, PORT);
    try {
      socket.bind(PORT, NAME_SERVER);
      await once(socket, 'listening');
    } finally {
      if (before !== undefined) await this.#network.setSysctl(UNPRIVILEGED, before);
    }
    this.#socket = socket;
  }

  #hear(query: Buffer, send: (reply: Buffer) => void): void {
    const reply = this.#reply(query);
    if (reply === undefined) return;
    if (this.#answer?.answer !== 'slow') return send(reply);
    const timer = setTimeout(() => {
      this.#late.delete(timer);
      send(reply);
    }, this.#answer.delay);
    this.#late.add(timer);
  }

  #reply(query: Buffer): Buffer | undefined {
    if (readQuestion(query)?.name !== this.#name) return answerTo(query, [], RCODE.nxdomain);
    switch (this.#answer?.answer) {
      case 'nxdomain':
        return answerTo(query, [], RCODE.nxdomain);
      case 'servfail':
        return answerTo(query, [], RCODE.servfail);
      case 'silent':
        return undefined;
      default:
        return answerTo(query, this.#addresses);
    }
  }
}
