import { constants } from 'node:os';

import type { Alive } from '../../probe/protocol.ts';
import type { Evidence } from '../evidence.ts';
import { fingerprint, lineOf } from '../fingerprint.ts';
import { identified } from '../identity.ts';
import type { Leak } from '../verdict.ts';
import { stackLine } from './stack-line.ts';
import type { Finding, KeptAlive } from '../verdict.ts';
import { at, oneLine, plural, tail } from '../words.ts';

/** Signals with which programs end themselves when told to stop, besides the signal that they received. */
const STOP_SIGNALS = ['SIGTERM', 'SIGINT'];
/** Offset that shells and handlers add to a signal's number for the exit code. */
const SIGNALLED = 128;
const NUMBERS: Readonly<Record<string, number>> = constants.signals;

/** Findings for a target that died or would not exit. `left`: its leaks, which may keep it alive. */
export function badExit(evidence: Evidence, left: readonly Leak[] = []): Finding[] {
  const { exit } = evidence;
  if (exit === undefined) return [];
  if (exit.asked && !exit.within) {
    const kept = keptAliveBy(exit, left);
    return [
      {
        kind: 'no-exit',
        message: `did not exit within ${exit.grace} ms of the stop signal${whyNot(exit)}`,
        fingerprint: kept,
        ...identified(
          kept,
          (exit.alive ?? []).flatMap((one) => one.where.slice(0, 1)),
        ),
        grace: exit.grace,
        alive: alike(exit.alive ?? []),
        ...(exit.why === undefined ? {} : { why: exit.why }),
      },
    ];
  }
  if (exit.asked && isClean(exit)) return [];
  const how = exit.signal === null ? `with exit code ${exit.code ?? 'unknown'}` : `by ${exit.signal}`;
  const when = exit.asked ? 'when told to stop' : `unasked, ${whenInWords(evidence)}`;
  const said = lastWords(exit.stderr);
  const where = stackLine(exit.stderr);
  const print = [fingerprint('crash', exit.signal ?? `exit`, said), ...where.map(lineOf)].join(' ');
  return [
    {
      kind: 'crash',
      message: `died ${when}, ${how}${said === '' ? '' : `: ${said}`}`,
      fingerprint: print,
      ...identified(print, where),
      code: exit.code,
      signal: exit.signal,
      where,
      stderr: tail(exit.stderr),
    },
  ];
}

/** First lines of the things that keep the target alive; a leak with its own finding is named only if there is nothing else. */
function keptAliveBy({ alive }: NonNullable<Evidence['exit']>, left: readonly Leak[]): string {
  if (alive === undefined) return 'no-exit late';
  const leaked = new Set(left.flatMap(({ where }) => where.map(lineOf)));
  const lines = alive.flatMap(({ where }) => where.slice(0, 1).map(lineOf));
  const others = lines.filter((line) => !leaked.has(line));
  const named = [...new Set(others.length > 0 ? others : lines)].toSorted();
  return named.length > 0 ? `no-exit ${named.join(' ')}` : fingerprint('no-exit', alive[0]?.what);
}

/** Reason why the target did not exit in time; for a target that exited by itself, how late. */
function whyNot({ alive, took }: NonNullable<Evidence['exit']>): string {
  if (alive === undefined) return `, but ${Math.round(took)} ms after it`;
  const [first] = alike(alive);
  if (first === undefined) return '';
  const place = first.where[0] === undefined ? '' : ` from ${at(first.where[0])}`;
  const times = first.times === undefined ? '' : `${first.times} × `;
  const rest = alive.length - (first.times ?? 1);
  const others = rest === 0 ? '' : ` and ${plural(rest, 'other thing', 'other things')}`;
  return `; kept alive by ${times}${oneLine(first.what, 80)}${place}${others}`;
}

/** Groups things of one kind with the same lines, or without a line with the same text, with their number: sockets differ by their ports. */
function alike(alive: readonly Alive[]): KeptAlive[] {
  const groups = new Map<string, KeptAlive>();
  for (const one of alive) {
    const kind = one.where.length === 0 ? one.what : one.what.split(':', 1);
    const key = JSON.stringify([kind, one.where]);
    const known = groups.get(key);
    groups.set(key, known ? { ...known, times: (known.times ?? 1) + 1 } : one);
  }
  return [...groups.values()];
}

/** Whether the target exited by itself or by the signal that asked it to stop, which may be SIGKILL. */
function isClean({ code, signal, stop }: NonNullable<Evidence['exit']>): boolean {
  const signals = stop === undefined ? STOP_SIGNALS : [...STOP_SIGNALS, stop];
  if (signal !== null) return signals.includes(signal);
  return code === null || code === 0 || signals.some((one) => code === SIGNALLED + (NUMBERS[one] ?? 0));
}

function whenInWords({ phase }: Evidence): string {
  if (phase === undefined) return 'before the first round';
  return `in the ${phase.phase} phase of round ${phase.round}`;
}

/** Forms in which programs name the error that ends them: exceptions, and what runtimes and C libraries abort with. */
const NAMES_ERROR = [
  /^(?:Uncaught )?[A-Za-z]*Error\b.*:/,
  // Node.js, V8 and Go; assert(3)
  /^(?:Assertion failed|FATAL ERROR|fatal error|Fatal error in|panic): ?\S/,
  /\bAssertion [`'].*failed\b/,
];

/** Line of an output that names the error, or the last line with content. */
function lastWords(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.trim().replace(/^#\s+/, ''));
  const error = lines.findLast((line) => NAMES_ERROR.some((form) => form.test(line)));
  const last = lines.findLast(
    (line) => line !== '' && !line.startsWith('at ') && !/^Node\.js v\d/.test(line),
  );
  return oneLine(error ?? last ?? '', 160);
}
