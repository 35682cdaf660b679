import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { within } from '../../testing/peers.ts';

/** Running program with the lines that it printed. */
export class Program {
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown[]>;
  #hasClosed = false;
  stderr = '';

  constructor(child: ChildProcess) {
    this.#child = child;
    this.#closed = once(child, 'close');
    child.once('close', () => {
      this.#hasClosed = true;
    });
    createInterface({ input: child.stdout! }).on('line', (line) => {
      this.lines.push(line);
      child.emit('line');
    });
    child.stderr!.on('data', (chunk: Buffer) => {
      this.stderr += String(chunk);
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Waits for a line that contains a text. */
  async line(text: string): Promise<string> {
    for (;;) {
      const found = this.lines.find((line) => line.includes(text));
      if (found !== undefined) return found;
      // the streams' close, not the exit: lines may still come after the exit
      if (this.#hasClosed)
        throw new Error(`no line with ${text} before the end: ${this.lines.join(' | ')} ${this.stderr}`);
      const next = Promise.race([once(this.#child, 'line'), this.#closed]);
      await within(`a line with ${text}; there are ${this.lines.join(' | ')} ${this.stderr}`, next, 10_000);
    }
  }

  tell(line: string): void {
    this.#child.stdin!.write(`${line}\n`);
  }

  /** Closes the program's input and waits for its exit. */
  async finish(): Promise<void> {
    this.#child.stdin!.end();
    await this.exited();
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Exit code, or the signal that ended the program. */
  async exited(): Promise<unknown> {
    const [code, signal] = await within(`the exit; ${this.lines.join(' | ')}`, this.#closed, 10_000);
    return code ?? signal;
  }
}
