import path from 'node:path';

import type { Alive, Position, Report, SocketLife } from '../../probe/protocol.ts';

/** Positions as people read them: files inside `base` relative to it, others as they are. */
export class RelativePositions {
  readonly #base: string;

  constructor(base: string) {
    this.#base = base;
  }

  report(report: Report): Report {
    const warnings = report.warnings?.map((one) => ({ ...one, where: this.all(one.where) }));
    return {
      ...report,
      ...(warnings === undefined ? {} : { warnings }),
      suspects: report.suspects.map((suspect) => ({ ...suspect, where: this.all(suspect.where) })),
    };
  }

  alive(alive: readonly Alive[]): Alive[] {
    return alive.map((one) => ({ ...one, where: this.all(one.where) }));
  }

  lives(lives: readonly SocketLife[]): SocketLife[] {
    return lives.map((life) => ({
      ...life,
      steps: life.steps.map((step) => ({ ...step, where: this.all(step.where) })),
    }));
  }

  byFingerprint(lines: Record<string, Position[]>): Record<string, Position[]> {
    return Object.fromEntries(Object.entries(lines).map(([name, where]) => [name, this.all(where)]));
  }

  all(where: readonly Position[]): Position[] {
    return where.map((position) => ({ ...position, file: this.#relative(position.file) }));
  }

  #relative(file: string): string {
    if (!path.isAbsolute(file)) return file;
    const relative = path.relative(this.#base, file);
    return relative.startsWith('..') ? file : relative;
  }
}
