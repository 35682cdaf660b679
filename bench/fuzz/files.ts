import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

import { compiled, PACKAGE_ROOT } from '../../shared/package-root.ts';
import { seededRandom } from '../../harness/toxiproxy/random.ts';
import { readCorpus } from './files/corpus.ts';
import { generate } from './files/generate.ts';
import { FILE_OF, type Kind, KINDS, type Order, type Reading } from './files/kinds.ts';
import { fairTimer } from './fair-timer.ts';
import type { FuzzOptions, FuzzResult } from './fuzz-result.ts';

/** Limits of one file. */
const MOST_TIME = 2_000;
const MOST_MEMORY = 200 * 1024 * 1024;
const MOST_LINES = 100;
/** Time after which a reader that has said nothing hangs, without that in which it got no processor. ms */
const HANGS = 20_000;
/** Files that one process reads: its memory is measured over all of them. */
const BATCH = 40;

/**
 * Reads mutated and nasty files of all kinds with the real readers, in processes of their own. A file is a finding if it ends its reader, takes
 * more than 2 s or 200 MB, or is answered with a stack, with more than 100 lines, or with what a terminal would obey.
 *
 * @example
 * const { findings } = await fuzzFiles({ seed: 1, seconds: 60, log: console.log });
 */
export async function fuzzFiles({ seed, seconds, log }: FuzzOptions): Promise<FuzzResult> {
  const work = mkdtempSync(path.join(tmpdir(), 'lastfin-fuzz-'));
  const findings: string[] = [];
  let tried = 0;
  let accepted = 0;
  try {
    const corpus = await readCorpus(work);
    const until = performance.now() + seconds * 1000;
    while (performance.now() < until) {
      const reader = new Reader();
      for (let left = BATCH; left > 0 && performance.now() < until; left--) {
        const number = tried++;
        const kind = KINDS[number % KINDS.length] ?? 'scenario';
        // the seed of each file is its own, so that one can be made again without the others
        const text = generate(kind, corpus, seededRandom(BigInt(seed), String(number)));
        const order = writeFile(path.join(work, String(number)), kind, text);
        const reading = await reader.read(order);
        if (typeof reading !== 'string' && reading.code === undefined) accepted++;
        const problem = problemOf(reading) === undefined ? undefined : await again(order);
        if (problem === undefined) rmSync(order.folder, { recursive: true });
        else {
          const kept = path.join(tmpdir(), `lastfin-fuzz-${seed}-${number}`);
          writeFileSync(kept, text);
          findings.push(`${kind} ${number} of seed ${seed}: ${problem} (${kept})`);
          log(findings.at(-1) ?? '');
        }
        if (typeof reading === 'string') break;
      }
      reader.close();
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  log(`${tried} files, ${accepted} of them accepted, ${findings.length} findings`);
  return { seed, tried, findings };
}

function writeFile(folder: string, kind: Kind, text: string): Order {
  const file = path.join(folder, FILE_OF[kind]);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return { kind, folder };
}

/** Reads a file once more, by a process of its own: time and memory of the first may be those of the files before it, or of a busy machine. */
async function again(order: Order): Promise<string | undefined> {
  const reader = new Reader();
  try {
    return problemOf(await reader.read(order));
  } finally {
    reader.close();
  }
}

function problemOf(reading: Reading | string): string | undefined {
  if (typeof reading === 'string') return reading;
  const { took, memory, printed, code, stack } = reading;
  if (stack !== undefined) return `a stack: ${stack.split('\n', 2).join(' ')}`;
  if (took > MOST_TIME) return `took ${Math.round(took)} ms`;
  if (memory > MOST_MEMORY) return `took ${Math.round(memory / 1e6)} MB`;
  const lines = printed.trimEnd().split('\n').length;
  if (lines > MOST_LINES && code !== undefined) return `${lines} lines in one message`;
  const obeyed = /[^\P{Cc}\n]|[\u202A-\u202E\u2066-\u2069\uFEFF\p{Cs}]|^\s*::[a-z-]+(?: .*)?::|##\[/mu.exec(
    printed,
  );
  if (obeyed !== null) return `prints ${JSON.stringify(obeyed[0])}`;
  if (
    code !== undefined &&
    code !== 'LASTFIN_USAGE' &&
    !/^\S+?(?::\d+){1,2}: /.test(printed) &&
    !/cannot be read/.test(printed)
  )
    return `names no line: ${printed.slice(0, 200)}`;
  return undefined;
}

/** A process that reads files, one at a time. */
class Reader {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: Interface;

  constructor() {
    const flags = ['--max-semi-space-size=2'];
    this.#child = spawn(process.execPath, [...flags, compiled('bench/fuzz/files/read-files.js')], {
      stdio: ['pipe', 'pipe', 'ignore'],
      cwd: PACKAGE_ROOT,
    });
    this.#child.stdin.on('error', () => undefined);
    this.#lines = createInterface({ input: this.#child.stdout });
  }

  /** Result of reading a file; a text if that ended the process, or holds it up. */
  read(order: Order): Promise<Reading | string> {
    return new Promise((resolve) => {
      const finish = (result: Reading | string): void => {
        takeBack();
        this.#lines.removeAllListeners('line');
        this.#child.removeAllListeners('exit');
        resolve(result);
      };
      const takeBack = fairTimer(HANGS, [this.#child.pid ?? 0], () => {
        this.close();
        finish(`no answer within ${HANGS} ms`);
      });
      this.#lines.once('line', (line) => finish(JSON.parse(line) as Reading));
      this.#child.once('exit', (code, signal) => finish(`ended its reader: ${signal ?? code}`));
      this.#child.stdin.write(`${JSON.stringify(order)}\n`);
    });
  }

  close(): void {
    this.#child.kill('SIGKILL');
  }
}
