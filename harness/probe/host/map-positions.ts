/**
 * Maps positions in compiled files to their sources, through the source map that the compiled file names. A file that is compiled only
 * when it is loaded has its map in the program that loaded it. Positions in a file without a readable map stay.
 */
import { SourceMap, type SourceMapPayload } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readTextFile } from '../../../shared/yaml-file/read-text-file.ts';
import type { Alive, Position, Report, SocketLife, SocketStep } from '../protocol.ts';

const NAMED = /^[ \t]*\/\/[#@] ?sourceMappingURL=(\S+)[ \t]*$/gm;

/** Characters of a source line that are kept. */
const LONGEST_CODE = 120;
/** Bytes of a source whose lines are read: a larger one is a bundle. */
const MOST_SOURCE = 8 * 1024 * 1024;
/** Bytes of a compiled file or a map. */
const MOST_COMPILED = 256 * 1024 * 1024;

type Loaded = { map: SourceMap; base: string; root: string };

/** Finds the source map of a file that a running program has compiled while loading: a `data:` URL, as V8 knows it. */
export type MapOfLoaded = (file: string) => Promise<string | null>;

export class PositionMapper {
  readonly #maps = new Map<string, Promise<Loaded | undefined>>();
  readonly #lines = new Map<string, string[]>();
  readonly #mapOfLoaded: MapOfLoaded | undefined;

  /** @param mapOfLoaded asked for files that name no map on the disk */
  constructor(mapOfLoaded?: MapOfLoaded) {
    this.#mapOfLoaded = mapOfLoaded;
  }

  async report(report: Report): Promise<Report> {
    const suspects = await Promise.all(
      report.suspects.map(async (suspect) => ({ ...suspect, where: await this.positions(suspect.where) })),
    );
    const { warnings } = report;
    if (warnings === undefined) return { ...report, suspects };
    const mapped = warnings.map(async (one) => ({ ...one, where: await this.positions(one.where) }));
    return { ...report, suspects, warnings: await Promise.all(mapped) };
  }

  async byFingerprint(explained: Record<string, Position[]>): Promise<Record<string, Position[]>> {
    const mapped = Object.entries(explained).map(
      async ([fingerprint, where]) => [fingerprint, await this.positions(where)] as const,
    );
    return Object.fromEntries(await Promise.all(mapped));
  }

  async alive(alive: Alive[]): Promise<Alive[]> {
    return Promise.all(alive.map(async ({ what, where }) => ({ what, where: await this.positions(where) })));
  }

  async lives(lives: SocketLife[]): Promise<SocketLife[]> {
    const step = async (one: SocketStep): Promise<SocketStep> => ({
      ...one,
      where: await this.withCode(one.where),
    });
    return Promise.all(
      lives.map(async (life) => ({ ...life, steps: await Promise.all(life.steps.map(step)) })),
    );
  }

  async positions(positions: Position[]): Promise<Position[]> {
    return Promise.all(positions.map((position) => this.position(position)));
  }

  /** The same with the code of every line, whether its function has a name or not. */
  async withCode(positions: Position[]): Promise<Position[]> {
    return Promise.all(positions.map(async (one) => this.#coded(await this.#mapped(one))));
  }

  async position(position: Position): Promise<Position> {
    const mapped = await this.#mapped(position);
    return mapped.name === undefined ? this.#coded(mapped) : mapped;
  }

  #coded(mapped: Position): Position {
    if (!path.isAbsolute(mapped.file)) return mapped;
    let lines = this.#lines.get(mapped.file);
    if (!lines) this.#lines.set(mapped.file, (lines = linesOf(mapped.file)));
    const code = lines[mapped.line - 1]?.trim().slice(0, LONGEST_CODE) ?? '';
    return code === '' ? mapped : { ...mapped, code };
  }

  async #mapped(position: Position): Promise<Position> {
    if (!path.isAbsolute(position.file)) return position;
    let loading = this.#maps.get(position.file);
    if (!loading) this.#maps.set(position.file, (loading = load(position.file, this.#mapOfLoaded)));
    const loaded = await loading;
    // findEntry counts from 0
    const entry = loaded?.map.findEntry(position.line - 1, position.column - 1);
    if (!loaded || !entry || !('originalSource' in entry) || !entry.originalSource) return position;
    return {
      ...position,
      file: sourceFile(entry.originalSource, loaded),
      line: entry.originalLine + 1,
      column: entry.originalColumn + 1,
    };
  }
}

function sourceFile(source: string, { base, root }: Loaded): string {
  if (source.startsWith('file:')) return fileURLToPath(source);
  if (path.isAbsolute(source) || /^[a-z][a-z0-9+.-]*:/i.test(source)) return source;
  return path.resolve(base, root, source);
}

/** Lines of a source; none where it cannot be read: the path comes from the target, and may lead anywhere. */
function linesOf(file: string): string[] {
  try {
    return readTextFile(file, { most: MOST_SOURCE }).split('\n');
  } catch {
    return [];
  }
}

async function load(file: string, mapOfLoaded: MapOfLoaded | undefined): Promise<Loaded | undefined> {
  try {
    // the path comes from the target, and may lead to a device
    const text = readTextFile(file, { most: MOST_COMPILED });
    const named = [...text.matchAll(NAMED)].at(-1)?.[1] ?? (await mapOfLoaded?.(file));
    if (!named) return undefined;
    const inline = /^data:application\/json[^,]*?(;base64)?,(.*)$/.exec(named);
    const mapFile = inline ? file : path.resolve(path.dirname(file), decodeURIComponent(named));
    const json = inline
      ? Buffer.from(decodeURIComponent(inline[2] ?? ''), inline[1] ? 'base64' : 'utf8').toString('utf8')
      : readTextFile(mapFile, { most: MOST_COMPILED });
    const payload = JSON.parse(json) as SourceMapPayload;
    return { map: new SourceMap(payload), base: path.dirname(mapFile), root: payload.sourceRoot ?? '' };
  } catch {
    return undefined;
  }
}
