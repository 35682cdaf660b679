import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readlinkSync } from 'node:fs';

import { NEW_NETWORK } from './socket-table.ts';
import { findProgram, type SystemTool, TOOL_PACKAGES, toolPath } from '../system-tool.ts';

/** Obstacle to entering a namespace, and how to remove it. */
export type Obstacle = { why: string; fix: string };

/** Programs without which no namespace can be made. */
const NEEDED: readonly SystemTool[] = ['unshare', 'setpriv', 'nsenter', 'mount', 'ip'];

const CHECK_DEADLINE = 10_000;

/** Environment variable that names the process namespace of the harness. */
const NAMESPACE_ENV = 'LASTFIN_PROCESS_NAMESPACE';

/** Whether all visible processes belong to the harness and its target, since the harness has made the process namespace. */
export function seesOnlyOwnProcesses(): boolean {
  const made = process.env[NAMESPACE_ENV];
  try {
    return made !== undefined && made === readlinkSync('/proc/self/ns/pid');
  } catch {
    // no /proc
    return false;
  }
}

/**
 * Shell commands that run in the new namespaces before the program: loopback up, and a /tmp in memory, which nobody has to
 * remove. The shell stays as process 1 and reaps orphans: Node does not.
 */
const PREPARE = [
  '"$0" link set lo up || exit 125',
  // the accept queues of our own servers: by default the kernel cuts them at 4096
  'echo 65535 2>/dev/null > /proc/sys/net/core/somaxconn || :',
  'if [ -d /dev/shm ] && "$1" -t tmpfs -o mode=1777,nosuid,nodev lastfin /dev/shm; then export TMPDIR=/dev/shm; fi',
  'shift',
  `export ${NAMESPACE_ENV}="$(readlink /proc/self/ns/pid)"`,
  '"$@"',
  'exit $?',
].join('\n');

/**
 * Command that runs a program in its own user, network, mount and process namespaces, with the same uid as outside. It dies with the
 * thread that spawns it (`--pdeathsig`), and everything inside dies with it (`--kill-child`, and process 1 is gone).
 *
 * @throws LastfinError `LASTFIN_LAB` that names what is not installed
 */
export function inNamespace(program: readonly string[]): [command: string, ...rest: string[]] {
  const kinds = ['--user', '--map-current-user', '--keep-caps', '--net', '--mount', '--pid'];
  const unshare = [toolPath('unshare'), ...kinds, '--fork', '--kill-child=KILL', '--mount-proc', '--'];
  // a second network namespace, since the first shares its socket table with the machine
  const newNetwork = ['/bin/sh', '-c', NEW_NETWORK, toolPath('unshare')];
  const shell = ['/bin/sh', '-c', PREPARE, toolPath('ip'), toolPath('mount')];
  return [toolPath('setpriv'), '--pdeathsig', 'KILL', '--', ...unshare, ...newNetwork, ...shell, ...program];
}

/** Obstacle to entering a namespace here, found by entering one (a few ms); `undefined` if there is none. */
export async function namespaceObstacle(): Promise<Obstacle | undefined> {
  if (process.platform !== 'linux') {
    return {
      why: `no network namespaces on ${process.platform}`,
      fix: 'run lastfin on Linux, for example in a container',
    };
  }
  if ((process.env['PATH'] ?? '') === '') {
    const fix = 'set it, such as PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
    return { why: 'PATH is empty, so no program is found', fix };
  }
  if (!existsSync('/proc/self'))
    return { why: '/proc is not mounted', fix: 'mount it: mount -t proc proc /proc' };
  const missing = NEEDED.filter((tool) => findProgram(tool) === undefined);
  if (missing.length > 0) {
    const packages = [...new Set(missing.map((tool) => TOOL_PACKAGES[tool]))].join(' ');
    return { why: `not installed: ${missing.join(', ')}`, fix: `install the packages ${packages}` };
  }
  const failure = await tryToEnter();
  return failure === undefined ? undefined : explain(failure);
}

function tryToEnter(): Promise<string | undefined> {
  const [command, ...rest] = inNamespace(['/bin/sh', '-c', ':']);
  return new Promise((resolve) => {
    const child = spawn(command, rest, {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: CHECK_DEADLINE,
      killSignal: 'SIGKILL',
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', (error) => {
      resolve(error.message);
    });
    child.once('close', (code, signal) => {
      resolve(code === 0 ? undefined : stderr.trim() || `ended with ${signal ?? code}`);
    });
  });
}

/** Explains an error message of `unshare`, as far as it is known. */
function explain(failure: string): Obstacle {
  const why = failure.split('\n', 1)[0] ?? failure;
  if (read('/proc/sys/kernel/apparmor_restrict_unprivileged_userns') === '1') {
    return {
      why: `AppArmor keeps ordinary users from user namespaces (${why})`,
      fix: 'sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0',
    };
  }
  if (read('/proc/sys/kernel/unprivileged_userns_clone') === '0') {
    return {
      why: `the kernel is set to keep ordinary users from user namespaces (${why})`,
      fix: 'sudo sysctl -w kernel.unprivileged_userns_clone=1',
    };
  }
  if (/no space left/i.test(failure)) {
    return {
      why: `no user namespace is left to make (${why})`,
      fix: 'sudo sysctl -w user.max_user_namespaces=10000 user.max_net_namespaces=10000',
    };
  }
  if (/mount.*\/proc|\/proc.*mount/i.test(failure)) {
    return {
      why: `the container hides parts of /proc, so it cannot be mounted anew (${why})`,
      fix: 'docker run --security-opt systempaths=unconfined (podman: --security-opt unmask=ALL)',
    };
  }
  if (isContainer()) {
    return {
      why: `the container does not allow user namespaces (${why})`,
      fix: 'docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined',
    };
  }
  return { why, fix: 'see docs/lab.md, or run as a user who may make user namespaces' };
}

function isContainer(): boolean {
  const filtered = /^Seccomp:\s*2$/m.test(read('/proc/self/status'));
  return filtered || existsSync('/.dockerenv') || existsSync('/run/.containerenv');
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    // not on this kernel
    return '';
  }
}
