import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { startTool } from './nft.ts';

/**
 * Removes a table when this process is gone, however it ended. An nft process holds the command to delete the table and waits for
 * the end of its input, which the kernel closes even if this process was killed. A stop removes the table the same way.
 */
export class RemovalOnExit {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#closed = once(child, 'close');
  }

  /** @param onLost called if the waiting nft exits unasked */
  static async arm(table: string, onLost: () => void): Promise<RemovalOnExit> {
    // in its own session, since the Ctrl-C that ends the proxy would end it, too
    const child = startTool('nft', ['-f', '-'], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    child.stdin!.on('error', () => undefined);
    await once(child, 'spawn');
    child.stdin!.write(`delete table inet ${table}\n`);
    const removal = new RemovalOnExit(child);
    // only the listener and the sockets keep the process alive
    child.unref();
    child.once('exit', () => {
      if (!child.stdin!.writableEnded) onLost();
    });
    return removal;
  }

  /** Removes the table now, if it exists. */
  async fire(): Promise<void> {
    this.#child.ref();
    this.#child.stdin!.end();
    await this.#closed;
  }
}
