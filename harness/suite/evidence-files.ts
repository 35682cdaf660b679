import { mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';

import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import type { Entry } from '../journal/entry.ts';
import { journalPath } from '../journal/file.ts';
import type { Verdict } from '../judge/verdict.ts';
import { LARGEST_CAPTURE } from '../lab/capture.ts';
import { toolPath } from '../lab/system-tool.ts';
import type { RunLab } from '../report/run-report.ts';
import { ENDINGS, type EvidenceOrder } from '../run/evidence/evidence-order.ts';

/** Evidence that is kept beside the journals. */
export type EvidenceOptions = {
  /** returns the folder of the run, whose subfolder `journal` has the journals; asked when its first case begins */
  folder: () => string | undefined;
  /** keep a capture of the case's network and the TLS keys of its clients and upstreams: of cases that did not pass, or of all */
  capture?: 'on-failure' | 'always';
  /** keep a heap snapshot of a Node.js target that failed since something was left; default: false */
  keepHeap?: boolean;
};

/** Kinds of files, in the order in which journals name them. */
const KINDS = ['pcap', 'keys', 'heapsnapshot'] as const;

/**
 * Checks that the machine can keep what is asked for.
 *
 * @throws LastfinError `LASTFIN_LAB` that names what to install, `LASTFIN_USAGE` without a network of the cases' own
 */
export function mustKeep(evidence: EvidenceOptions | undefined, { mode, why, fix }: RunLab): void {
  if (evidence?.capture === undefined) return;
  toolPath('tcpdump');
  if (mode !== 'none') return;
  const reason = why === undefined ? '' : ` (${why}; to fix it: ${fix ?? 'see docs/lab.md'})`;
  const message = `--capture keeps the packets of a case’s own network, and cases run on the machine itself${reason}`;
  throw new LastfinError('LASTFIN_USAGE', message);
}

/** The files that the attempts of one case leave. */
export class EvidenceFiles {
  readonly #options: EvidenceOptions;
  readonly #base: (attempt?: number) => string;
  /** order of evidence that an attempt gets */
  readonly order: EvidenceOrder;

  private constructor(options: EvidenceOptions, folder: string, caseId: string) {
    this.#options = options;
    this.#base = (attempt) => path.resolve(folder, journalPath(caseId, attempt).replace(/\.jsonl$/, ''));
    this.order = {
      prefix: `${this.#base()}.now`,
      capture: options.capture !== undefined,
      heap: options.keepHeap === true,
    };
    mkdirSync(path.dirname(this.order.prefix), { recursive: true });
  }

  /** @throws LastfinError `LASTFIN_USAGE` for a folder that workers do not see */
  static of(options: EvidenceOptions | undefined, caseId: string): EvidenceFiles | undefined {
    const folder = options?.folder();
    if (options === undefined || folder === undefined) return undefined;
    if (options.capture === undefined && options.keepHeap !== true) return undefined;
    if (path.resolve(folder).startsWith('/dev/shm/')) {
      const message = `evidence (--capture, --keep-heap) cannot be written to ${folder}: workers have a /dev/shm of their own; name another folder (--out)`;
      throw new LastfinError('LASTFIN_USAGE', message, { facts: { folder } });
    }
    return new EvidenceFiles(options, folder, caseId);
  }

  /** Keeps the files of the last attempt beside its journal, which then names them, or removes them. */
  settle(verdict: Verdict, journal: Entry[], attempt: number): void {
    const isBad = verdict !== 'passed' && verdict !== 'skipped';
    const t = journal.at(-1)?.t ?? 0;
    for (const kind of KINDS) {
      if (!isBad && (kind === 'heapsnapshot' || this.#options.capture !== 'always')) continue;
      const from = `${this.order.prefix}${ENDINGS[kind]}`;
      const bytes = statSync(from, { throwIfNoEntry: false })?.size;
      if (bytes === undefined) continue;
      const file = `${this.#base(attempt)}${ENDINGS[kind]}`;
      renameSync(from, file);
      const cut = kind === 'pcap' && bytes >= LARGEST_CAPTURE ? { cut: true as const } : {};
      journal.push({ t, type: 'evidence', kind, file: path.basename(file), bytes, ...cut });
    }
    this.drop();
  }

  /** Removes what the last attempt has left. */
  drop(): void {
    for (const kind of KINDS) rmSync(`${this.order.prefix}${ENDINGS[kind]}`, { force: true });
  }
}
