/** A room of the tree: the folder, its contents in a line, and the rooms that it may import. */
export type Room = {
  folder: string;
  holds: string;
  /** rooms of which it may import anything; `harness` is the words of the whole harness: the files that lie in no room */
  may: readonly string[];
  /** rooms of which it may import types only */
  types?: readonly string[];
};

const AGENT: Room = {
  folder: 'harness/probe/agent',
  holds: 'the probe inside a target, in a stranger’s process',
  may: ['Node.js built-ins', 'harness/probe/protocol.ts'],
};

/** Order of the rooms: each imports only rooms above it. The linter's rules and docs/generated/import-rules.md are made from this. */
export const ROOMS: readonly Room[] = [
  { folder: 'shared/errors', holds: 'the one error class and its codes', may: [] },
  {
    folder: 'shared/vendor',
    holds: 'packages that are bundled, a file each: only what is used of them',
    may: [],
  },
  {
    folder: 'shared/yaml-file',
    holds: 'YAML with positions, code frames, did-you-mean',
    may: ['shared/errors', 'shared/vendor'],
  },
  {
    folder: 'shared',
    holds: 'small helpers that proxy and harness need',
    may: ['shared/errors', 'shared/vendor', 'shared/yaml-file'],
  },
  { folder: 'proxy', holds: 'the reference proxy; knows nothing of the harness', may: ['shared'] },
  {
    folder: 'harness/scenario',
    holds: 'the way from scenario files to cases; pure',
    may: ['shared', 'harness'],
  },
  {
    folder: 'harness/lab',
    holds: 'networks, ports, abilities of the machine, teardown',
    may: ['shared', 'harness'],
  },
  { folder: 'harness/toxiproxy', holds: 'the embedded Toxiproxy server', may: ['shared'] },
  AGENT,
  {
    folder: 'harness/probe',
    holds: 'the protocol, the harness’s end of it (`host`), what the kernel tells (`outside`)',
    may: ['shared', 'harness', 'harness/probe/agent'],
  },
  {
    folder: 'harness/journal',
    holds: 'everything that one case observed, in order: the only input of the judge',
    may: ['shared', 'harness', 'harness/probe'],
    types: ['harness/scenario', 'harness/lab'],
  },
  {
    folder: 'harness/actors',
    holds: 'clients and upstreams, and their transports',
    may: ['shared', 'harness', 'harness/scenario', 'harness/lab', 'harness/journal'],
  },
  {
    folder: 'harness/targets',
    holds: 'target files, processes, published figures',
    may: ['shared', 'harness', 'harness/scenario', 'harness/lab', 'harness/journal'],
    types: ['harness/probe'],
  },
  {
    folder: 'harness/faults',
    holds: 'faults of links, peers and the kernel, with their fidelity',
    may: ['shared', 'harness', 'harness/scenario', 'harness/lab', 'harness/actors'],
  },
  {
    folder: 'harness/run',
    holds: 'a case from its admission to its journal, and the workers that run cases',
    may: [
      'shared',
      'harness',
      'harness/scenario',
      'harness/lab',
      'harness/probe',
      'harness/journal',
      'harness/actors',
      'harness/targets',
      'harness/faults',
    ],
  },
  {
    folder: 'harness/judge',
    holds: 'journal → verdict; pure',
    may: ['shared', 'harness'],
    types: ['harness/scenario', 'harness/probe', 'harness/journal'],
  },
  {
    folder: 'harness/report',
    holds: 'verdicts → terminal, files; causes over all cases',
    may: ['shared', 'harness', 'harness/journal'],
    types: ['harness/scenario', 'harness/probe', 'harness/judge'],
  },
  {
    folder: 'harness/gate',
    holds: 'known findings, thresholds, comparison and merging of reports, history; pure but for files',
    may: ['shared', 'harness', 'harness/journal', 'harness/report'],
    types: ['harness/judge'],
  },
  {
    folder: 'harness/report/page',
    holds: 'the page that shows a run, in a reader’s browser; bundled into one file (`scripts/bundle.mjs`)',
    may: ['harness/report'],
    types: ['harness/scenario', 'harness/probe', 'harness/journal', 'harness/judge'],
  },
  {
    folder: 'harness/suite',
    holds: 'a whole run as a function: cases selected, admitted, run in workers, judged and reported',
    may: [
      'shared',
      'harness',
      'harness/scenario',
      'harness/lab',
      'harness/journal',
      'harness/targets',
      'harness/run',
      'harness/judge',
      'harness/report',
      'harness/gate',
    ],
  },
  {
    folder: 'harness/in-process',
    holds: 'the probe in a test’s own process: `noLeaks()`',
    may: ['shared', 'harness', 'harness/probe', 'harness/probe/agent', 'harness/judge', 'harness/report'],
  },
  {
    folder: 'harness/attach',
    holds: 'the probe in programs of others, running ones and those of a command: `lastfin check`',
    may: ['shared', 'harness', 'harness/probe', 'harness/in-process', 'harness/report'],
  },
  {
    folder: 'harness/hunt',
    holds: 'a run as a function of a test: chosen, run, and asserted',
    may: ['shared', 'harness', 'harness/targets', 'harness/report', 'harness/suite'],
  },
  {
    folder: 'adapters',
    holds: 'faces for test runners: scenarios as tests, a check of each test',
    may: ['shared', 'harness/in-process', 'harness/suite', 'harness/hunt'],
  },
  {
    folder: 'harness/mutants',
    holds: 'patched copies of the reference proxy',
    may: ['shared', 'harness', 'harness/scenario', 'harness/lab'],
    types: ['harness/judge'],
  },
  {
    folder: 'harness/init',
    holds: 'the work of `lastfin init`: reading a project, trying its program, writing its first files',
    may: ['shared', 'harness', 'harness/lab'],
  },
];

const PAGE = '(see docs/generated/import-rules.md)';

const NAMES = ROOMS.map(({ folder }) => folder);
/** Nobody imports these. */
const CLOSED = ['harness/cli', 'docs', 'bench'];

/** Whether `room` may import values, only types, or nothing of `other`. */
export function allowance({ folder, may, types = [] }: Room, other: string): 'all' | 'types' | 'none' {
  const holds = (list: readonly string[]): boolean =>
    list.some((name) => name === other || (name === 'shared' && other.startsWith('shared/')));
  if (folder === other || holds(may) || other.startsWith(`${folder}/`)) return 'all';
  return holds(types) ? 'types' : 'none';
}

type Pattern = { regex: string; message: string; allowTypeImports?: true };
export type Override = { files: string[]; rules: Record<string, unknown> };

/** Overrides of the linter's configuration. A folder within another comes after it: the last one holds. */
export function importOverrides(): Override[] {
  const rooms = ROOMS.filter((room) => room !== AGENT).toSorted((a, b) => a.folder.length - b.folder.length);
  return [...rooms.map((room) => override(`${room.folder}/**`, patternsOf(room))), ...agentOverrides()];
}

function override(files: string, patterns: Pattern[]): Override {
  return { files: [files], rules: { 'eslint/no-restricted-imports': ['error', { patterns }] } };
}

function patternsOf(room: Room): Pattern[] {
  const others = [...NAMES, ...CLOSED].filter(
    (name) => name !== room.folder && !room.folder.startsWith(`${name}/`),
  );
  const refused = others.filter((name) => allowance(room, name) === 'none');
  const typesOnly = others.filter((name) => allowance(room, name) === 'types');
  const none = { regex: specifiers(refused), message: `${room.folder} may not import this room ${PAGE}` };
  if (typesOnly.length === 0) return [none];
  const message = `${room.folder} may import only types of this room ${PAGE}`;
  return [none, { regex: specifiers(typesOnly), message, allowTypeImports: true }];
}

/** Its folders lie one deep, so that what leads out of them can be told by the specifier. */
function agentOverrides(): Override[] {
  const message = `the agent lives in a stranger's process: Node.js built-ins and the protocol only ${PAGE}`;
  // no look-ahead: the linter's regular expressions have none
  const packages = '^([^.n]|n[^o]|no[^d]|nod[^e]|node[^:])';
  const patterns = (up: string): Pattern[] =>
    [packages, `^${up}${otherThan('protocol.ts')}`].map((regex) => ({ regex, message }));
  const up = '\\.\\./';
  return [
    override(`${AGENT.folder}/*.ts`, patterns(up)),
    override(`${AGENT.folder}/*/*.ts`, patterns(up + up)),
    // tests run in the harness's process
    override(`${AGENT.folder}/**/*.test.ts`, []),
  ];
}

/** A regular expression for what does not begin with `text`. */
function otherThan(text: string): string {
  const before = (at: number): string => text.slice(0, at).replaceAll('.', '\\.');
  return `(${Array.from(text, (char, at) => `${before(at)}[^${char}]`).join('|')})`;
}

/** Relative specifiers that lead into rooms: from within `harness/` or `shared/` they may leave that out. */
function specifiers(rooms: readonly string[]): string {
  const names = rooms.map((name) => name.replace(/^(harness|shared)\//, '($1/)?'));
  return `^(\\.\\./)+(${names.join('|')})/`;
}

/** Page of the rules. */
export function importRulesPage(): string {
  const quoted = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');
  const rows = ROOMS.map(({ folder, holds, may, types = [] }) => {
    const more = types.length === 0 ? '' : `${may.length === 0 ? '' : '; '}types of ${quoted(types)}`;
    return `## \`${folder}\`\n\nHolds ${holds}.\n\nMay import ${may.length + types.length === 0 ? 'nothing' : `${quoted(may)}${more}`}.\n`;
  });
  return [
    '# Rooms and what they may import\n\nGenerated from `docs/import-rules.ts`, as are the linter’s rules: do not edit. A room is a folder; it imports only rooms above it. The agent of the probe stands apart: it imports Node.js built-ins and `harness/probe/protocol.ts`, the messages that it and the harness exchange, and nothing else. `harness` means the files that lie in no room: `count-range`, `fidelities`, `published-since`, `resource` and `want`.\n',
    ...rows,
    '## `harness/cli`\n\nHolds the command line.\n\nMay import everything; nobody imports it.\n',
  ].join('\n');
}
