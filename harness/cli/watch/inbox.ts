/** Cases to run next: all, those that failed, or those that changed files concern. */
export type Asked = 'all' | 'failed' | { changed: ReadonlySet<string> };

/** An editor writes a file in several steps: time until nothing more comes, ms. */
const QUIET = 100;

/** Wishes that came while nobody could follow them, as one. */
export class Inbox {
  #asked: 'all' | 'failed' | undefined;
  readonly #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #wake: () => void = () => undefined;

  ask(what: 'all' | 'failed'): void {
    // all of them are more
    if (this.#asked !== 'all') this.#asked = what;
    this.#wake();
  }

  change(file: string): void {
    this.#changed.add(file);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#wake(), QUIET);
  }

  /** Waits for a wish; undefined once the signal is aborted. */
  async take(signal: AbortSignal): Promise<Asked | undefined> {
    const wake = (): void => this.#wake();
    signal.addEventListener('abort', wake);
    try {
      while (!signal.aborted) {
        const asked = this.#next();
        if (asked !== undefined) return asked;
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
      return undefined;
    } finally {
      signal.removeEventListener('abort', wake);
      clearTimeout(this.#timer);
    }
  }

  #next(): Asked | undefined {
    const asked = this.#asked;
    const changed = new Set(this.#changed);
    if (asked === undefined && changed.size === 0) return undefined;
    this.#asked = undefined;
    this.#changed.clear();
    // a failed case is not run for less than what has changed since
    return asked === 'all' || (asked === 'failed' && changed.size === 0) ? asked : { changed };
  }
}
