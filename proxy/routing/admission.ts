import { BlockList, isIP, isIPv6 } from 'node:net';
import type { Clock, Timer } from '../clock/clock.ts';
import { bytesToIp, ipToBytes } from '../proxy-protocol/ip-bytes.ts';
import type { Limits } from '../limits/limits.ts';

/** Reason why a connection is refused. */
export type Refusal = 'rejected_ip' | 'rejected_limit';

/** Slots of the limits that one connection occupies until it is released. */
export type Admitted = { total: boolean; client: string | undefined };

type AdmissionLimits = Pick<
  Limits,
  'maxConnections' | 'maxConnectionsPerIp' | 'connectionRatePerIp' | 'allow' | 'deny'
>;

/** Window (ms) in which new connections of an address are counted for its rate. */
const RATE_WINDOW = 1000;

/** Decides who may connect. Its tables hold only addresses with an open connection or one in the present window. */
export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #clock: Clock;
  readonly #allow: BlockList | undefined;
  readonly #deny: BlockList | undefined;
  readonly #open = new Map<string, number>();
  readonly #recent = new Map<string, number>();
  #total = 0;
  #window: Timer | undefined;

  constructor(limits: AdmissionLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
    this.#allow = limits.allow.length === 0 ? undefined : addressList(limits.allow);
    this.#deny = limits.deny.length === 0 ? undefined : addressList(limits.deny);
  }

  /** Number of addresses kept for their open connections and for their rate. */
  tableSizes(): { open: number; recent: number } {
    return { open: this.#open.size, recent: this.#recent.size };
  }

  /** Admits a connection at the accept, by the limit for all clients. */
  admitConnection(admitted: Admitted): Refusal | undefined {
    const { maxConnections } = this.#limits;
    if (maxConnections > 0 && this.#total >= maxConnections) return 'rejected_limit';
    admitted.total = true;
    this.#total += 1;
    return undefined;
  }

  /** Admits a client once its own address is known; behind a trusted proxy that is not the peer's. */
  admitClient(admitted: Admitted, address: string): Refusal | undefined {
    const client = plainAddress(address);
    if (this.#deny !== undefined && isListed(this.#deny, client)) return 'rejected_ip';
    if (this.#allow !== undefined && !isListed(this.#allow, client)) return 'rejected_ip';
    if (this.#isTooFast(client)) return 'rejected_limit';
    const { maxConnectionsPerIp } = this.#limits;
    const open = this.#open.get(client) ?? 0;
    if (maxConnectionsPerIp > 0 && open >= maxConnectionsPerIp) return 'rejected_limit';
    admitted.client = client;
    this.#open.set(client, open + 1);
    return undefined;
  }

  /** Releases the slots when the connection has ended. */
  release(admitted: Admitted): void {
    if (admitted.total) this.#total -= 1;
    if (admitted.client !== undefined) {
      const open = (this.#open.get(admitted.client) ?? 0) - 1;
      if (open > 0) this.#open.set(admitted.client, open);
      else this.#open.delete(admitted.client);
    }
    admitted.total = false;
    admitted.client = undefined;
  }

  /** Forgets the rates and stops the timer of their window. */
  stop(): void {
    this.#window?.cancel();
    this.#window = undefined;
    this.#recent.clear();
  }

  #isTooFast(client: string): boolean {
    const { connectionRatePerIp } = this.#limits;
    if (connectionRatePerIp === 0) return false;
    const recent = this.#recent.get(client) ?? 0;
    if (recent >= connectionRatePerIp) return true;
    this.#recent.set(client, recent + 1);
    // one timer for the whole table, and only while it has entries
    this.#window ??= this.#clock.setTimeout(() => this.stop(), RATE_WINDOW);
    return false;
  }
}

/**
 * Normalizes an address for comparison and counting: an IPv4 address mapped into IPv6 becomes IPv4, IPv6 takes its canonical form
 * without a zone. Text that is no address stays as it is.
 */
export function plainAddress(address: string): string {
  // nearly all are plain IPv4 addresses, and the check of isIPv6 is long
  if (!address.includes(':') && !address.includes('%')) return address;
  const bare = address.replace(/%.*$/, '');
  if (!isIPv6(bare)) return bare;
  const bytes = ipToBytes(bare);
  return bytesToIp(isMapped(bytes) ? bytes.subarray(MAPPED.length) : bytes);
}

/** Prefix of the IPv4-mapped addresses, `::ffff:0:0/96`. */
const MAPPED = Buffer.from('00000000000000000000ffff', 'hex');
const MAPPED_BITS = MAPPED.length * 8;

function isMapped(bytes: Buffer): boolean {
  return bytes.subarray(0, MAPPED.length).equals(MAPPED);
}

/** Builds a list of addresses and networks. @throws if an entry is neither, such as `10.0.0.0/99` */
export function addressList(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const { address, prefix } = readNetwork(entry);
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, prefix, family);
  }
  return list;
}

/** Reads an address or a network; a network of mapped addresses becomes one of IPv4. */
function readNetwork(entry: string): { address: string; prefix?: number } {
  const [written = '', bits] = entry.split('/');
  const plain = plainAddress(written);
  if (bits === undefined) return { address: plain };
  if (!/^\d{1,3}$/.test(bits)) throw new TypeError(`not an address or network: ${entry}`);
  const prefix = Number(bits);
  const isMappedNetwork = isIPv6(written) && !isIPv6(plain);
  if (!isMappedNetwork) return { address: plain, prefix };
  return prefix < MAPPED_BITS
    ? { address: written, prefix }
    : { address: plain, prefix: prefix - MAPPED_BITS };
}

/** Whether a normalized address is in a list. */
export function isListed(list: BlockList, address: string): boolean {
  const family = isIP(address);
  // a client that left before it was accepted has no address
  return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4');
}
