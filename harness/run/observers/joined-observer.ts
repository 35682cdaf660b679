import type { Observer, ReportOptions } from '../../probe/observer.ts';
import type { Alive, Position, Report, Sample, Suspect } from '../../probe/protocol.ts';
import type { Resource } from '../../resource.ts';

/** Resources that the inner observer reports and the outer one sees too: one leak is one finding. */
const SEEN_BY_BOTH: ReadonlySet<Resource> = new Set([
  'socket',
  'retained-socket',
  'server',
  'child',
  'worker',
  'handle',
  'descriptor',
]);

/** Threads beyond the number of connections that may come and go with a runtime's own pools. */
const POOL_THREADS = 4;

/**
 * Joins one or two observers of a target: the nearer one leads, the outer one adds what the nearer one cannot see, such as
 * handles of native code. Its additions count only after they were confirmed in more rounds.
 */
export class JoinedObserver implements Observer {
  readonly #near: Observer;
  readonly #outside: Observer | undefined;

  constructor(near: Observer, outside?: Observer) {
    this.#near = near;
    this.#outside = outside;
  }

  get blind(): readonly string[] {
    return [...this.#near.blind, ...(this.#outside?.blind ?? [])];
  }

  get memoryKind(): Observer['memoryKind'] {
    return this.#near.memoryKind;
  }

  sample(): Promise<Sample> {
    return this.#near.sample();
  }

  async baseline(): Promise<void> {
    await this.#near.baseline();
    await this.#outside?.baseline();
  }

  async report(options?: ReportOptions): Promise<Report> {
    const near = await this.#near.report(options);
    if (this.#outside === undefined || near.suspects.some(({ resource }) => SEEN_BY_BOTH.has(resource)))
      return near;
    const outside = await this.#outside.report();
    return {
      ...near,
      suspects: [...near.suspects, ...outside.suspects.filter(isTelling).map(onlyByPace)],
      took: near.took + outside.took,
    };
  }

  memory(): Promise<number> {
    return this.#near.memory();
  }

  objects(connections: number): Promise<Report> {
    return this.#near.objects(connections);
  }

  arm(options?: { allocations?: boolean }): Promise<void> {
    return this.#near.arm(options);
  }

  explain(): Promise<Record<string, Position[]>> {
    return this.#near.explain();
  }

  alive(): Promise<{ alive: Alive[]; why?: string }> {
    return this.#near.alive();
  }
}

/** Whether a suspect of the outer observer counts: memory is left to the inner one, and a runtime starts some threads when it first needs them. */
function isTelling({ resource, count }: Suspect): boolean {
  return resource === 'thread' ? count > POOL_THREADS : resource !== 'memory';
}

function onlyByPace(suspect: Suspect): Suspect {
  return suspect.rule === 'presence' ? { ...suspect, rule: 'pace' } : suspect;
}
