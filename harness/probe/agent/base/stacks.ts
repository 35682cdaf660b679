/**
 * Call stacks that are cheap to capture: V8 keeps the frames, and text is made only for those that survive.
 */
import { fileURLToPath } from 'node:url';
import { isUserScript } from './own.ts';
import type { Position } from '../../protocol.ts';

const DEPTH = 24;
const KEPT = 6;

/** Captured stack without text. It keeps receivers alive until {@link positionsOf} has read it. */
export type Captured = { stack?: unknown };

/** Captures the stack of the caller of `below`. */
// oxlint-disable-next-line typescript/no-unsafe-function-type -- captureStackTrace takes any function
export function capture(below: Function): Captured {
  const into: Captured = {};
  // this realm's own Error: the program's may be frozen, or the program may be using it
  Error.stackTraceLimit = DEPTH;
  Error.captureStackTrace(into, below);
  return into;
}

/** At most `kept` frames of user code, innermost first. Reads the stack once, without the target's or Node's formatting. */
export function positionsOf(captured: Captured, kept = KEPT): Position[] {
  const own = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace');
  let sites: NodeJS.CallSite[] = [];
  try {
    Object.defineProperty(Error, 'prepareStackTrace', {
      configurable: true,
      writable: true,
      value: (_: unknown, given: NodeJS.CallSite[]) => given,
    });
    const read = captured.stack;
    if (Array.isArray(read)) sites = read as NodeJS.CallSite[];
  } catch {
    // no positions rather than a broken target
  } finally {
    if (own) Object.defineProperty(Error, 'prepareStackTrace', own);
    else Reflect.deleteProperty(Error, 'prepareStackTrace');
  }
  const positions: Position[] = [];
  for (const site of sites) {
    const url = site.getFileName() ?? '';
    if (!isUserScript(url)) continue;
    const name = site.getFunctionName();
    positions.push({
      file: pathOf(url),
      line: site.getLineNumber() ?? 0,
      column: site.getColumnNumber() ?? 0,
      ...(name ? { name } : {}),
    });
  }
  return mostTelling(positions, kept);
}

/** Innermost frames, plus the first of each package and of the program: frames of a dependency must not hide its caller. */
function mostTelling(positions: readonly Position[], most: number): Position[] {
  const first = new Map<string, Position>();
  for (const position of positions) {
    const name = packageOf(position.file);
    if (!first.has(name)) first.set(name, position);
  }
  const byRank = new Set([...first.values(), ...positions]);
  const kept = new Set([...byRank].slice(0, most));
  return positions.filter((position) => kept.has(position));
}

/** Name of the package that a file belongs to; empty for the program's own files. */
function packageOf(file: string): string {
  return /.*[/\\]node_modules[/\\]((?:@[^/\\]+[/\\])?[^/\\]+)/.exec(file)?.[1] ?? '';
}

/** Path of a file: URL; other URLs stay. */
export function pathOf(url: string): string {
  try {
    return url.startsWith('file:') ? fileURLToPath(url) : url;
  } catch {
    return url;
  }
}

/** Position as text, for keys and fingerprints. */
export function positionText(position: Position): string {
  return `${position.file}:${position.line}:${position.column}`;
}
