/** Treatment of a command line of the docs: it is run as it is or narrowed, or there is a reason why not. */
export type Plan = { run: string; exits?: readonly number[] } | { reason: string };

/** Narrows whole suites to a case, so that the test ends soon; first fit counts. */
const RULES: readonly [pattern: RegExp, plan: (line: string) => Plan][] = [
  [
    /^npm ci\b|^npm run |^npm install |^npm test/,
    () => ({ reason: 'is for a checkout, or is what this test has done' }),
  ],
  [/…|\[|FILE|JOURNAL|ID\b|\bA B\b|reports\/runs\/2/, () => ({ reason: 'has a placeholder' })],
  [/^npx lastfin watch/, () => ({ reason: 'goes on until it is ended; test/watch.e2e.test.ts runs it' })],
  [
    /^npx lastfin check/,
    () => ({
      reason: 'is about programs of others; test/check.e2e.test.ts and test/check-with.e2e.test.ts run it',
    }),
  ],
  [/--pid /, () => ({ reason: 'is about a process that runs already; test/attach.e2e.test.ts runs it' })],
  [/ merge /, () => ({ reason: 'is about the shards of a run; test/shards.e2e.test.ts runs it' })],
  // exit code 3 on a machine without tcpdump
  [/--capture/, (line) => ({ run: narrowed(line, 'faults/client-reset[phase=idle]'), exits: [0, 3] })],
  [/--stress-duration/, () => ({ reason: 'runs for as long as it says; test/flakes.e2e.test.ts runs it' })],
  [/--repeat 20/, (line) => ({ run: line.replace('--repeat 20', '--repeat 2'), exits: [0, 1] })],
  [/ judge reports/, (line) => ({ run: line, exits: [0, 1] })],
  [/^lastfin-proxy .*--check/, (line) => ({ run: line })],
  [
    /^(npx )?lastfin-proxy |^npx lastfin toxiproxy/,
    () => ({ reason: 'serves until it is stopped; a test of its own runs it' }),
  ],
  [/--ui-stay/, () => ({ reason: 'serves until it is stopped; harness/report/page/live.test.ts runs it' })],
  [/^source /, () => ({ reason: 'is for an interactive shell; test/completion.e2e.test.ts runs it' })],
  // the target that init wrote has no route of HTTP/2
  [/half-heads/, (line) => ({ run: `${line} --target proxy` })],
  [/leaky/, (line) => ({ run: narrowed(line, 'lifecycle/close-unused[by=client]'), exits: [1] })],
  [/ init$/, () => ({ reason: 'is the first test of the installed package' })],
  [/ judge$/, (line) => ({ run: `${line} reports/latest/journal/*.jsonl` })],
  // exit code 1 on a machine without namespaces
  [/ doctor$/, (line) => ({ run: line, exits: [0, 1] })],
  [/ mutants$/, () => ({ reason: 'is run by the test of mutants, with one of them' })],
  [/ run (scenarios|\.\/scenarios)/, (line) => ({ run: line })],
  [/ run\b.* http\b/, (line) => ({ run: narrowed(line, 'http/no-upstream') })],
  [/ run\b.* server\b/, (line) => ({ run: narrowed(line, 'server/keep-alive') })],
  [/ run\b.* kernel\b/, (line) => ({ run: narrowed(line, 'kernel/loss*') })],
  [/ run\b/, (line) => ({ run: narrowed(line, 'faults/client-reset[phase=idle]') })],
  [/^(npx )?lastfin\b/, (line) => ({ run: line })],
];

/** The line with one case instead of all, unless it names some. */
function narrowed(line: string, id: string): string {
  return line.includes('--case ') ? line : `${line} --case '${id}'`;
}

/** Finds the treatment of a command line; undefined if no rule matches. */
export function planOf(line: string): Plan | undefined {
  return RULES.find(([pattern]) => pattern.test(line))?.[1](line);
}
