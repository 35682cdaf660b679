import type { Address } from '../../../shared/address.ts';
import type { Clock } from '../../clock/clock.ts';
import { Deadlines } from '../../clock/deadlines.ts';
import type { Deadline } from '../../clock/deadlines.ts';
import type { Limits } from '../../limits/limits.ts';
import type { HttpFigures } from '../http-figures.ts';
import type { UpstreamEnd } from './upstream-ends.ts';

/** Limits of connections to upstreams that wait for their next request, in ms and connections. */
export type IdleLimits = Pick<Limits, 'idleUpstreamTimeout' | 'idleUpstreams' | 'idleUpstreamsPerAddress'>;

/** Connection to an upstream that can wait for its next request. */
type Waiting<Self> = {
  readonly address: Address;
  /** end of its time in the pool, while it is idle */
  deadline: Deadline<Self> | undefined;
  end(reason: UpstreamEnd): void;
};

/** Connections of one route that wait for their next request, within their limits. */
export class IdlePool<Member extends Waiting<Member>> {
  readonly #limits: IdleLimits;
  readonly #clock: Clock;
  readonly #figures: Pick<HttpFigures, 'idle'>;
  /** by address; the last one is the freshest */
  readonly #idle = new Map<Address, Member[]>();
  readonly #deadlines: Deadlines<Member>;
  #isClosed = false;

  constructor(limits: IdleLimits, clock: Clock, figures: Pick<HttpFigures, 'idle'>) {
    this.#limits = limits;
    this.#clock = clock;
    this.#figures = figures;
    this.#deadlines = new Deadlines(clock, limits.idleUpstreamTimeout, (member) => member.end('idle'));
  }

  /** Connection to an address that has waited least; undefined if there is none. */
  freshest(address: Address): Member | undefined {
    return this.#idle.get(address)?.at(-1);
  }

  /** Lets a connection wait, or ends it where it may not; true if it waits. */
  keep(member: Member): boolean {
    const { idleUpstreams, idleUpstreamsPerAddress, idleUpstreamTimeout } = this.#limits;
    const idle = this.#idle.get(member.address) ?? [];
    const isFull = idle.length >= idleUpstreamsPerAddress || this.#figures.idle >= idleUpstreams;
    if (this.#isClosed) member.end('shutdown');
    else if (isFull || idleUpstreamTimeout === 0) member.end('full');
    else {
      idle.push(member);
      this.#idle.set(member.address, idle);
      this.#figures.idle += 1;
      member.deadline = this.#deadlines.add(member, this.#clock.now());
      return true;
    }
    return false;
  }

  /** Removes a connection that waits no more; nothing if it did not. */
  forget(member: Member): void {
    const idle = this.#idle.get(member.address) ?? [];
    const at = idle.lastIndexOf(member);
    if (at < 0) return;
    idle.splice(at, 1);
    if (idle.length === 0) this.#idle.delete(member.address);
    this.#figures.idle -= 1;
    this.#deadlines.delete(member.deadline);
    member.deadline = undefined;
  }

  /** Ends all that wait, and those that would wait later. */
  close(): void {
    this.#isClosed = true;
    for (const member of [...this.#idle.values()].flat()) member.end('shutdown');
  }
}
