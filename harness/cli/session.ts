import { startEmbeddedToxiproxy, startRealToxiproxy } from '../faults/toxiproxy-process.ts';
import { Toxiproxies } from '../faults/toxiproxy-links.ts';
import { judge } from '../judge/judge.ts';
import type { CaseResult } from '../judge/verdict.ts';
import { Ports } from '../lab/ports.ts';
import { Teardown } from '../lab/teardown.ts';
import type { SharedLab } from '../run/case-lab.ts';
import type { Entry, Phase } from '../run/journal.ts';
import { runCase } from '../run/run-case.ts';
import type { Case } from '../scenario/scenario.ts';
import type { Target } from '../target/target-file.ts';
import { VERSION } from './version.ts';

export type SessionOptions = {
  seed: number;
  /** `embedded`, `real`, or the address of a running one; the first two are started on first use */
  toxiproxy: string;
  signal: AbortSignal;
};

export type Attempt = { result: CaseResult; journal: Entry[] };

/** What all cases of one command share: ports, the Toxiproxy, and their end. */
export class Session {
  readonly #options: SessionOptions;
  readonly #teardown = new Teardown();
  readonly #shared: SharedLab;
  #toxiproxies: ReturnType<SharedLab['toxiproxies']> | undefined;
  #toxiproxyName: string | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#shared = {
      ports: new Ports(),
      lab: 'none',
      toxiproxies: () => (this.#toxiproxies ??= this.#startToxiproxy()),
    };
  }

  /** Which Toxiproxy was used, once a case has used it. */
  get toxiproxy(): string | undefined {
    return this.#toxiproxyName;
  }

  /** Runs one case once and judges its journal. Rejects only when the session's signal is aborted. */
  async attempt(
    plan: Case,
    target: Target,
    { base = process.cwd(), onPhase }: { base?: string; onPhase?: (phase: Phase) => void } = {},
  ): Promise<Attempt> {
    const journal = await runCase({
      case: plan,
      target,
      shared: this.#shared,
      lastfin: VERSION,
      signal: this.#options.signal,
      base,
      ...(onPhase ? { onPhase } : {}),
    });
    return { result: judge(journal), journal };
  }

  async close(): Promise<void> {
    await this.#teardown.run();
  }

  async #startToxiproxy(): Promise<{ api: Toxiproxies; name: string }> {
    const { toxiproxy, seed } = this.#options;
    const start = async (): Promise<{ api: Toxiproxies; kind: string }> => {
      if (toxiproxy === 'embedded')
        return { api: await startEmbeddedToxiproxy(this.#teardown, seed), kind: 'embedded' };
      if (toxiproxy !== 'real') return { api: new Toxiproxies(toxiproxy), kind: toxiproxy };
      const port = await this.#shared.ports.take();
      return { api: await startRealToxiproxy(this.#teardown, port), kind: 'real' };
    };
    const { api, kind } = await start();
    const name = `${kind} ${await api.version()}`;
    this.#toxiproxyName = name;
    return { api, name };
  }
}
