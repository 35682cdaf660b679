import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { folderOfTest } from '../../../shared/testing/folders.ts';
import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import { loadScenarios } from './load-scenarios.ts';
import { refusal } from '../testing/plan-text.ts';

let folder: string;
let root: string;

beforeEach(() => {
  folder = folderOfTest();
  root = path.join(folder, 'scenarios');
  write('faults/b.yaml', 'about: b\nclient: [open]\nmatrix: { n: [2, 10, 1] }\n');
  write('faults/a.yaml', 'about: a\nclient: [open]\n');
  write('lifecycle/deep/c.yaml', '\uFEFFabout: c\nclient: [open]\n');
});

function write(name: string, text: string): void {
  const file = path.join(root, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}

const ids = (paths: string[]): string[] => loadScenarios(paths, { root }).map(({ id }) => id);
const ALL = ['faults/a', 'faults/b[n=10]', 'faults/b[n=1]', 'faults/b[n=2]', 'lifecycle/deep/c'];
const refused = (paths: string[]): string => refusal(() => ids(paths)).replaceAll(folder, '');

test('no paths mean the whole root, but for targets, mutants and hidden files', () => {
  write('targets/proxy.yaml', 'kind: node\n');
  write('mutants/m.yaml', 'find: x\n');
  write('faults/.draft.yaml', 'nonsense\n');
  write('faults/notes.md', '# notes\n');
  expect(ids([])).toEqual(ALL.toSorted());
});

test('a file that is passed over is not even read', () => {
  write('faults/torn.yaml', 'client: [open,\n');
  expect(loadScenarios([], { root, only: (name) => name === 'faults/a' }).map(({ id }) => id)).toEqual([
    'faults/a',
  ]);
  expect(refused([])).toContain('torn.yaml');
});

test('files, folders, and names below the root, each file once', () => {
  expect(ids([path.join(root, 'faults/a.yaml')])).toEqual(['faults/a']);
  expect(ids(['faults/a'])).toEqual(['faults/a']);
  expect(ids(['lifecycle'])).toEqual(['lifecycle/deep/c']);
  symlinkSync(path.join(root, 'faults/a.yaml'), path.join(root, 'faults/z.yaml'));
  expect(ids(['faults/a', 'faults', path.join(root, 'faults/a.yaml')])).toEqual(
    ALL.filter((id) => id.startsWith('faults')).toSorted(),
  );
});

test('a file outside the root goes by its own name', () => {
  const file = path.join(folder, 'mine.yaml');
  writeFileSync(file, 'about: x\nclient: [open]\n');
  expect(ids([file])).toEqual(['mine']);
});

test('a folder called targets deeper down is a folder like any other', () => {
  write('faults/targets/d.yaml', 'about: d\nclient: [open]\n');
  expect(ids(['faults/targets'])).toEqual(['faults/targets/d']);
});

test('all problems of all files in one error, with facts for tools', () => {
  write('faults/bad.yaml', 'about: x\nclinet: [open]\n');
  write('lifecycle/bad.yaml', 'about: x\nclient: [open\n');
  const error = catchError(() => ids(['faults', 'lifecycle', 'nowhere']));
  expect(error.code).toBe('LASTFIN_SCENARIO_INVALID');
  expect(error.message.replaceAll(folder, '')).toMatchInlineSnapshot(`
    "no scenario file or folder \`nowhere\`; areas: faults, lifecycle

    /scenarios/faults/bad.yaml:1:1: \`client\` is missing
    > 1 | about: x
        | ^^^^^^^^
      2 | clinet: [open]

    /scenarios/faults/bad.yaml:2:1: unknown key \`clinet\`; did you mean \`client\`?
      1 | about: x
    > 2 | clinet: [open]
        | ^^^^^^

    /scenarios/lifecycle/bad.yaml:3:1: not valid YAML: flow sequence in block collection must be sufficiently indented and end with a ]
      1 | about: x
      2 | client: [open
    > 3 |
        | ^"
  `);
  expect(error.facts['problems']).toMatchObject([
    { message: 'no scenario file or folder `nowhere`; areas: faults, lifecycle' },
    { file: path.join(root, 'faults/bad.yaml'), line: 1, column: 1 },
    { file: path.join(root, 'faults/bad.yaml'), line: 2, column: 1 },
    { file: path.join(root, 'lifecycle/bad.yaml'), line: 3, column: 1 },
  ]);
});

test('paths that lead nowhere', () => {
  expect(refused(['faults/aa'])).toMatchInlineSnapshot(
    `"no scenario file or folder \`faults/aa\`; did you mean \`faults/a\`?"`,
  );
  mkdirSync(path.join(root, 'empty'));
  expect(refused(['empty'])).toMatchInlineSnapshot(`"no scenario files (*.yaml) below \`empty\`"`);
  write('faults/notes.md', '# notes\n');
  expect(refused(['faults/notes.md'])).toMatchInlineSnapshot(
    `"\`faults/notes.md\` is not a scenario file: their names end in .yaml"`,
  );
});

test('two files with one name', () => {
  const [one, two] = [path.join(folder, 'one/x.yaml'), path.join(folder, 'two/x.yaml')];
  for (const file of [one, two]) {
    mkdirSync(path.dirname(file));
    writeFileSync(file, 'about: x\nclient: [open]\n');
  }
  expect(refused([one, two])).toMatchInlineSnapshot(
    `"/one/x.yaml and /two/x.yaml would both be the scenario \`x\`"`,
  );
});

test('a root that is not there', () => {
  expect(refusal(() => loadScenarios([], { root: '/nowhere/at/all' }))).toMatchInlineSnapshot(
    `"no scenario file or folder \`/nowhere/at/all\`"`,
  );
});

function catchError(run: () => unknown): LastfinError {
  try {
    run();
  } catch (error) {
    if (error instanceof LastfinError) return error;
  }
  throw new Error('no LastfinError');
}

describe('several suites', () => {
  const own = (): string => path.join(folder, 'own');
  const both = (paths: string[]): string[] =>
    loadScenarios(paths, {
      suites: [
        { folder: root, prefix: '' },
        { folder: own(), prefix: 'scenarios/' },
      ],
    }).map(({ id }) => id);

  beforeEach(() => {
    write('universal/kernel/flap.yaml', 'about: x\nclient: [open]\n');
    write('contract/kernel/clock.yaml', 'about: x\nclient: [open]\n');
    mkdirSync(path.join(own(), 'kernel'), { recursive: true });
    writeFileSync(path.join(own(), 'kernel/flap.yaml'), 'about: mine\nclient: [open]\n');
  });

  test('the folder of a kind is no part of an id, and ids of two suites never clash', () => {
    expect(both([])).toEqual([...ALL, 'kernel/clock', 'kernel/flap', 'scenarios/kernel/flap'].toSorted());
  });

  test('an area is looked for in all of them, below both kinds', () => {
    expect(both(['kernel'])).toEqual(['kernel/clock', 'kernel/flap', 'scenarios/kernel/flap']);
    expect(both(['universal'])).toEqual(['kernel/flap']);
    expect(both(['kernel/clock'])).toEqual(['kernel/clock']);
  });

  test('a path into a suite may leave the kind out', () => {
    expect(both([path.join(root, 'kernel')])).toEqual(['kernel/clock', 'kernel/flap']);
    expect(both([path.join(own(), 'kernel/flap.yaml')])).toEqual(['scenarios/kernel/flap']);
  });

  test('each case knows its kind', () => {
    const kinds = loadScenarios(['kernel'], { root }).map(({ id, kind }) => [id, kind]);
    expect(kinds).toEqual([
      ['kernel/clock', 'contract'],
      ['kernel/flap', 'universal'],
    ]);
  });

  test('the same name in both kinds is refused', () => {
    write('contract/kernel/flap.yaml', 'about: x\nclient: [open]\n');
    expect(refused([])).toContain('would both be the scenario `kernel/flap`');
  });
});

test("a target's path is looked for beside the scenario, then from the working directory", () => {
  write('targets/mine.yaml', 'about: x\nkind: program\ncommand: [x]\n');
  write('faults/d.yaml', 'about: d\ntarget: ../targets/mine.yaml\nclient: [open]\n');
  const [plan] = loadScenarios(['faults/d'], { root });
  expect(plan?.target).toBe(path.join(root, 'targets/mine.yaml'));
  expect(plan?.ownTarget).toBe(true);
  write('faults/d.yaml', 'about: d\ntarget: ./nowhere.yaml\nclient: [open]\n');
  const missing = { root, targets: () => ({ known: [] }) };
  expect(refusal(() => loadScenarios(['faults/d'], missing))).toContain(
    `unknown target \`${path.join(root, 'faults/nowhere.yaml')}\``,
  );
});
