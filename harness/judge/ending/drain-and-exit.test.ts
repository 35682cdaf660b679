import { describe, expect, test } from 'vitest';
import type { Suspect } from '../../probe/protocol.ts';

import { aJournal, aSuspect, type JournalParts } from '../testing/hand-built-journal.ts';
import { judge } from '../judge.ts';
import type { Finding } from '../verdict.ts';

const found = (parts: JournalParts): Finding[] => judge(aJournal(parts)).findings;
const late = { drain: { drained: false, took: 2010 } };

describe('drain', () => {
  const resident = aSuspect({ rule: 'growth', fingerprint: 'pool' });
  const more = { fds: { socket: 2 } };

  test('in time', () => {
    expect(found({})).toEqual([]);
    expect(judge(aJournal()).drain).toBe(12);
  });

  test('over the limit', () => {
    expect(found({ drain: { took: 2500.4 } })).toEqual([
      {
        kind: 'drain',
        message: 'drained only after 2500 ms; the limit is 2000 ms',
        fingerprint: 'drain late',
        took: 2500.4,
        limit: 2000,
      },
    ]);
  });

  test('never: it says what was left', () => {
    expect(found({ ...late, settled: more })).toMatchObject([
      {
        kind: 'drain',
        message: 'not back at the baseline within 2000 ms; still above the baseline: descriptor socket +1',
        fingerprint: 'drain never descriptor socket +N',
      },
    ]);
    expect(judge(aJournal(late)).drain).toBeUndefined();
  });

  test('never, for a leak: the leak says so', () => {
    expect(found({ ...late, reports: { settled: [aSuspect()] } })).toMatchObject([{ kind: 'leak' }]);
  });

  test('never, for a resident: there is nothing to say', () => {
    expect(
      found({
        ...late,
        settled: more,
        confirmed: more,
        reports: { settled: [resident], confirmed: [resident] },
      }),
    ).toEqual([]);
    expect(
      found({
        ...late,
        settled: more,
        confirmed: { fds: { socket: 4 } },
        reports: { settled: [resident], confirmed: [resident] },
      }),
    ).toMatchObject([{ kind: 'drain' }]);
  });

  test('never, for a pool that had room for more: only what is beyond that is told', () => {
    const pool = (count: number): Suspect => aSuspect({ rule: 'pace', fingerprint: 'pool', count });
    const reports = { settled: [pool(13)], confirmed: [pool(20)] };
    const settled = { fds: { socket: 14 } };
    expect(found({ ...late, settled, confirmed: { fds: { socket: 21 } }, reports })).toEqual([]);
    expect(found({ ...late, settled, confirmed: { fds: { socket: 22 } }, reports })).toMatchObject([
      { kind: 'drain' },
    ]);
  });

  test('never, for a pool that filled up while memory was watched: memory counts for nothing', () => {
    const pool = (count: number): Suspect => aSuspect({ rule: 'pace', fingerprint: 'pool', count });
    const memory = aSuspect({ resource: 'memory', rule: 'slope', fingerprint: 'memory', count: 1 });
    const reports = { settled: [pool(16), memory], confirmed: [pool(20)] };
    const settled = { fds: { socket: 19 } };
    expect(found({ ...late, settled, confirmed: { fds: { socket: 23 } }, reports })).toEqual([]);
  });

  test('never, for what ends by itself just after the limit: the looks catch more or less of it', () => {
    const tcp = (count: number): Suspect =>
      aSuspect({ resource: 'tcp', rule: 'pace', fingerprint: 'tcp', count });
    const zombies = aSuspect({ resource: 'zombie', rule: 'pace', fingerprint: 'zombie', count: 7 });
    const reports = { settled: [tcp(12), zombies], confirmed: [tcp(12)] };
    const parts = { ...late, settled: { fds: { socket: 5 } }, reports };
    // one socket is open at the baseline
    expect(found({ ...parts, confirmed: { fds: { socket: 13 } } })).toEqual([]);
    expect(found({ ...parts, confirmed: { fds: { socket: 14 } } })).toMatchObject([{ kind: 'drain' }]);
  });
});

describe('exit', () => {
  test.each<[string, JournalParts['exit']]>([
    ['code 0', {}],
    ['by the stop signal', { code: null, signal: 'SIGTERM' }],
    ['by the stop signal of its file', { code: null, signal: 'SIGKILL', stop: 'SIGKILL' }],
    ['by the code of a shell for it', { code: 128 + 1, signal: null, stop: 'SIGHUP' }],
    ['by a handler that says so', { code: 143 }],
  ])('clean: %s', (_, exit) => {
    expect(found({ exit: exit ?? {} })).toEqual([]);
  });

  test('would not stop: it says what keeps it alive', () => {
    const alive = [
      { what: 'a server on port 9000', where: [{ file: 'src/a.ts', line: 3, column: 5 }] },
      { what: 'a timer', where: [] },
    ];
    expect(found({ exit: { within: false, code: null, signal: 'SIGKILL', alive, why: 'because' } })).toEqual([
      {
        kind: 'no-exit',
        message:
          'did not exit within 1000 ms of the stop signal; kept alive by a server on port 9000 from src/a.ts:3:5 and 1 other thing',
        fingerprint: 'no-exit a.ts:3:5',
        identity: 'no-exit a.ts:3',
        grace: 1000,
        alive,
        why: 'because',
      },
    ]);
  });

  test('would not stop: what is alike is said once', () => {
    const timer = { what: 'a timer', where: [{ file: 'src/a.ts', line: 3, column: 5 }] };
    const alive = [timer, { what: 'a timer', where: [] }, { ...timer }, { ...timer }];
    expect(found({ exit: { within: false, code: null, signal: 'SIGKILL', alive } })).toMatchObject([
      {
        message:
          'did not exit within 1000 ms of the stop signal; kept alive by 3 × a timer from src/a.ts:3:5 and 1 other thing',
        alive: [
          { ...timer, times: 3 },
          { what: 'a timer', where: [] },
        ],
      },
    ]);
  });

  test('died in the round: the only finding', () => {
    const stderr =
      'node:events:497\nTypeError: Cannot read properties of null\n    at a (a.ts:1:1)\n\nNode.js v20.20.2\n';
    const parts = { settled: null, connections: [], exit: { asked: false, within: false, code: 7, stderr } };
    expect(found(parts)).toEqual([
      {
        kind: 'crash',
        message:
          'died unasked, in the stop phase of round 1, with exit code 7: TypeError: Cannot read properties of null',
        fingerprint: 'crash exit TypeError: Cannot read properties of null a.ts:1:1',
        identity: 'crash exit TypeError: Cannot read properties of null a.ts a',
        code: 7,
        signal: null,
        where: [{ file: 'a.ts', line: 1, column: 1, name: 'a' }],
        stderr: stderr.trimEnd(),
      },
    ]);
  });

  test.each([
    [
      '\n  #  node[7]: virtual node::http2::Http2Session::~Http2Session() at ../src/node_http2.cc:618\n  #  Assertion failed: (current_nghttp2_memory_) == (0)\n\n 1: 0xcb5167 node::Assert [node]\n',
      'Assertion failed: (current_nghttp2_memory_) == (0)',
    ],
    [
      "proxy: main.c:7: main: Assertion `left == 0' failed.\n",
      "proxy: main.c:7: main: Assertion `left == 0' failed.",
    ],
    [
      'panic: send on closed channel\n\ngoroutine 1 [running]:\nmain.main()\nexit status 2\n',
      'panic: send on closed channel',
    ],
  ])('died: the line that names the error is told, not what follows', (stderr, said) => {
    const [crash] = found({ exit: { asked: false, code: null, signal: 'SIGABRT', stderr } });
    expect(crash).toMatchObject({
      message: `died unasked, in the stop phase of round 1, by SIGABRT: ${said}`,
    });
  });

  test('died after the round was judged: first, but not the only one', () => {
    const parts = {
      exit: { asked: false, code: null, signal: 'SIGSEGV' },
      reports: { settled: [aSuspect()] },
    };
    expect(found(parts)).toMatchObject([{ kind: 'crash', signal: 'SIGSEGV' }, { kind: 'leak' }]);
  });

  test('told to stop by one signal, it died by another', () => {
    expect(found({ exit: { code: null, signal: 'SIGKILL', stop: 'SIGHUP' } })).toMatchObject([
      { kind: 'crash', message: 'died when told to stop, by SIGKILL' },
    ]);
  });

  test('told to stop, it failed', () => {
    expect(found({ exit: { code: 1, stderr: 'boom\n' } })).toMatchObject([
      { kind: 'crash', message: 'died when told to stop, with exit code 1: boom' },
    ]);
  });

  test('only the end of a long output is kept', () => {
    const stderr = Array.from({ length: 500 }, (_, line) => `line ${line}`).join('\n');
    const [crash] = found({ exit: { code: 1, stderr } });
    expect(crash?.kind === 'crash' && crash.stderr.split('\n')).toHaveLength(20);
  });
});
