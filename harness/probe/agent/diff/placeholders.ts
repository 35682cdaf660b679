/**
 * Placeholders for things that have grown once. Their name takes a heap snapshot (seconds on a large heap), and most of them never grow
 * again, such as a table that is filled on demand. So they get a number first, and a name when they grow again. See decision 61.
 */
import type net from 'node:net';
import { threadId } from 'node:worker_threads';
import { collectionSuspect, findCollections, type Grown } from './find-collections.ts';
import { suspectFingerprint, mergeFound, type Found } from './found.ts';
import { describeSocket, direction, originOfSocket } from '../census/live-sockets.ts';
import { keepOut } from '../base/own.ts';
import type { NameGiven } from '../../protocol.ts';

/** Prefix that tells them apart from those of the target's other processes and threads. */
const HERE = `#${process.pid}.${threadId}`;

type Numbered = { fingerprint: string; grown: number };

export class Unnamed {
  readonly #collections = keepOut(new WeakMap<object, Numbered>());
  /** reachable destroyed sockets, by fingerprint */
  readonly #sockets = keepOut(new Map<string, number>());
  #last = 0;

  constructor() {
    keepOut(this);
  }

  /** Whether anything has grown since it got its number. */
  hasMore(grown: readonly Grown[], destroyed: readonly net.Socket[]): boolean {
    return (
      grown.some(({ object, before, now }) => now - before > (this.#collections.get(object)?.grown ?? 0)) ||
      [...groupSockets(destroyed)].some(([number, group]) => group.length > (this.#sockets.get(number) ?? 0))
    );
  }

  /** Suspects without a name; remembers their counts. */
  suspects(grown: readonly Grown[], destroyed: readonly net.Socket[]): Found[] {
    const collections = grown.map((one): Found => {
      const number =
        this.#collections.get(one.object)?.fingerprint ??
        suspectFingerprint('collection', `${HERE}.${++this.#last}`, []);
      this.#collections.set(one.object, keepOut({ fingerprint: number, grown: one.now - one.before }));
      return {
        suspect: { ...collectionSuspect(one, ''), fingerprint: number },
        causes: [one.object],
        grew: [one.object],
      };
    });
    const sockets = [...groupSockets(destroyed)].flatMap(([number, group]): Found[] => {
      const [first] = group;
      if (!first) return [];
      this.#sockets.set(number, group.length);
      return [
        {
          suspect: {
            resource: 'retained-socket',
            fingerprint: number,
            count: group.length,
            rule: 'growth',
            where: originOfSocket(first),
            sample: describeSocket(first),
          },
          causes: [],
        },
      ];
    });
    return mergeFound([...collections, ...sockets]);
  }

  /** Replaces numbers by the names of collections, and by the suspects of sockets, that a snapshot has told. */
  names(
    grown: readonly Grown[],
    destroyed: readonly net.Socket[],
    suspectOf: (socket: net.Socket) => string | undefined,
  ): Record<string, NameGiven[]> {
    const names: Record<string, NameGiven[]> = {};
    for (const { object, before } of grown) {
      const numbered = this.#collections.get(object);
      if (!numbered) continue;
      const then = { object, before, now: before + numbered.grown };
      names[numbered.fingerprint] = findCollections([then]).map(
        ({ suspect: { fingerprint: name, sample } }) => ({
          fingerprint: name,
          share: 1,
          sample,
        }),
      );
      this.#collections.delete(object);
    }
    for (const [number, group] of groupSockets(destroyed)) {
      if (!this.#sockets.delete(number)) continue;
      const counts = new Map<string, number>();
      for (const socket of group) {
        const name = suspectOf(socket);
        if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
      }
      names[number] = [...counts].map(([name, count]) => ({
        fingerprint: name,
        share: count / group.length,
      }));
    }
    return names;
  }
}

function groupSockets(sockets: readonly net.Socket[]): Map<string, net.Socket[]> {
  const groups = new Map<string, net.Socket[]>();
  for (const socket of sockets) {
    const number = suspectFingerprint(
      'retained-socket',
      `${direction(socket)} ${HERE}`,
      originOfSocket(socket).slice(0, 1),
    );
    const group = groups.get(number);
    if (group) group.push(socket);
    else groups.set(number, [socket]);
  }
  return groups;
}
