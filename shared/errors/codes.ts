/**
 * Every error code of lastfin: what it means and how to fix it. `docs/generated/errors.md` is generated from this table.
 * A code is never renamed or reused: people match on it.
 */
export const ERROR_CODES = {
  LASTFIN_USAGE: {
    means: 'The command line is wrong: an unknown option, a bad value, or nothing selected to run.',
    fix: '`npx lastfin --help` lists the commands; `npx lastfin run --help` the options of one.',
  },
  LASTFIN_SCENARIO_INVALID: {
    means:
      'A scenario file cannot be read, is not valid YAML, does not fit the schema, or asks for something that can never work, such as a send after a half-close.',
    fix: 'Each problem is listed with file:line:column; `npx lastfin validate FILE` checks without running.',
  },
  LASTFIN_TARGET_INVALID: {
    means: 'A target file cannot be found or read, or does not fit the schema.',
    fix: 'Each problem is listed with file:line:column; docs/targets.md has every key, and `npx lastfin init` writes a file to start from.',
  },
  LASTFIN_TARGET_START: {
    means:
      'The target did not become ready: it could not be spawned, exited early, or did not listen in time.',
    fix: "Read the target's last output, printed with the error, and start it by hand with the printed command.",
  },
  LASTFIN_TARGET_METRICS: {
    means: "The target's metrics page could not be read, or lacks a metric that the target file maps.",
    fix: 'Open the printed address while the target runs, and compare with `metrics` in the target file.',
  },
  LASTFIN_PROBE: {
    means: 'The probe in the target did not connect, did not answer in time, or failed.',
    fix: 'See that the target is a Node.js program of version 20.19 or later and that nothing strips NODE_OPTIONS.',
  },
  LASTFIN_NO_PROCESS: {
    means: '`lastfin check --pid` names a process that is not there.',
    fix: '`pgrep -a node` lists the Node.js processes of this machine with their numbers.',
  },
  LASTFIN_NOT_NODE: {
    means: '`lastfin check --pid` names a process of another program: only one of Node.js has an inspector.',
    fix: 'Name the Node.js process itself, not the shell or `npm` that has started it; for other programs there is `lastfin run --pid`.',
  },
  LASTFIN_NO_PERMISSION: {
    means: '`lastfin check --pid` names a process of another user.',
    fix: 'Run lastfin as the user of that process.',
  },
  LASTFIN_INSPECTOR: {
    means:
      'The inspector of a running process could not be opened or reached: its port is taken, it would be open to others, or there is none at the address.',
    fix: 'The message says which. End what holds the port, or have the program open its inspector itself and name it: `--inspect 127.0.0.1:PORT`.',
  },
  LASTFIN_LAB: {
    means:
      'The lab failed (a port, a process, a certificate, the fault backend), so the case says nothing of the target.',
    fix: 'Read `cause`; run the case again with the printed command.',
  },
  LASTFIN_TOXIPROXY: {
    means: 'The Toxiproxy server refused a call or did not answer.',
    fix: 'The facts carry the route and the answer; see that the server is up and is 2.x.',
  },
  LASTFIN_CONFIG_INVALID: {
    means: "The reference proxy's config file cannot be read, is not valid YAML, or does not fit the schema.",
    fix: 'Each problem is listed with file:line:column; `lastfin-proxy --config FILE --check` checks without running.',
  },
  LASTFIN_NFTABLES: {
    means:
      'A route with `engine: nftables` cannot be forwarded by the kernel: no privilege, no `nft`, or a kernel that refuses.',
    fix: 'Run the proxy with CAP_NET_ADMIN (root, `docker run --cap-add NET_ADMIN`, `AmbientCapabilities=` of systemd) and with nftables installed; or leave out `engine: nftables`: userland forwards, too.',
  },
  LASTFIN_PORT_IN_USE: {
    means: 'An address that the proxy or the embedded Toxiproxy was told to listen on is already in use.',
    fix: 'Choose another port, or port 0 to let the system choose.',
  },
  LASTFIN_OUTPUT: {
    means:
      'A report, a journal or the output could not be written in the middle of a run: a full disk, no permission.',
    fix: 'Make room, or write to another folder with `--out`; the last complete report is still in `latest`.',
  },
  LASTFIN_REPORTER: {
    means: 'A reporter of your own (`--reporter ./mine.js`) threw in one of its hooks.',
    fix: 'The message names the hook. It was told nothing more; the run went on, and the other reports are complete.',
  },
  LASTFIN_JOURNAL_INVALID: {
    means: 'A stored journal cannot be read or is of another version.',
    fix: 'Name files such as `reports/latest/journal/*.jsonl`; one of another version is judged by the lastfin that wrote it (its first line says which).',
  },
  LASTFIN_KNOWN_INVALID: {
    means:
      'A file of known findings cannot be read, is cut off or of another version, or lacks an owner, a reason or a day. It is left as it is.',
    fix: 'Each problem is listed with file:line:column; docs/gate.md has the form, and `lastfin run --accept-known` writes it.',
  },
  LASTFIN_REPORT_INVALID: {
    means: 'A stored report is not there, cannot be read, is cut off or of another version.',
    fix: "Name a run's folder such as `reports/latest`, or its report.json; a report of another version is read by the lastfin that wrote it.",
  },
  LASTFIN_GATE_INVALID: {
    means: 'A file of thresholds cannot be read, is not valid YAML, or does not fit the schema.',
    fix: 'Each problem is listed with file:line:column; docs/gate.md has every key.',
  },
  LASTFIN_SHARDS: {
    means:
      'The shards of a run do not make one whole: one is missing, broken or there twice, or they are of different runs.',
    fix: 'The message names the shards; run those again with the same version, seed, target and suite, and merge again.',
  },
  LASTFIN_HISTORY_INVALID: {
    means: 'A line of the history cannot be read. The file is left as it is, and nothing is appended.',
    fix: 'Remove or repair the line that is named; the rest can be read again.',
  },
  LASTFIN_MUTANT_STALE: {
    means:
      "A mutant's patch does not apply exactly once to the reference proxy's source, or a case that it names is gone.",
    fix: 'Update `find`, or `cases`, in the mutant file to the present source and suite.',
  },
  LASTFIN_FOUND: {
    means:
      'A check in a test found leaks or other mistakes: `run.assert()`, `expectNoLeaks(run)`, `noLeaks()`, or a scenario that is a test.',
    fix: 'Each cause is in the message, with the lines of your program that made it; the stack begins with the first of them. docs/findings.md explains every kind.',
  },
  LASTFIN_INTERRUPTED: {
    means: 'The run was interrupted by a signal. Reports of the finished cases were written.',
    fix: 'Run again; `--case` runs just the rest.',
  },
} as const satisfies Record<`LASTFIN_${string}`, { means: string; fix: string }>;

export type ErrorCode = keyof typeof ERROR_CODES;
