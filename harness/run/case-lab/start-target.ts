import { trySignal } from '../../../shared/try-signal.ts';
import { seesOnlyOwnProcesses } from '../../lab/network/namespace.ts';
import { FORWARDING, type Network } from '../../lab/network/network.ts';
import { starvedFor } from '../../../shared/starvation.ts';
import { openProbe, type Probe } from '../../probe/host/probe.ts';
import { orphansSince, readProcess } from '../../probe/outside/process-tree.ts';
import { letsTimePass } from '../../scenario/case-traits.ts';
import { targetArguments, type TargetAddresses } from '../../targets/file/target-arguments.ts';
import { endsWithHarness } from '../../targets/process/ends-with-harness.ts';
import { privilegesOf } from '../../targets/process/privileges.ts';
import { untilReady } from '../../targets/process/ready.ts';
import { type Launch, TargetProcess } from '../../targets/process/target-process.ts';
import { JoinedObserver } from '../observers/joined-observer.ts';
import { counting } from '../observers/with-published-figures.ts';
import type { CaseLabOptions, TargetInLab } from './case-lab.ts';
import { osProbe, withFigures } from './observe-target.ts';
import { readOutput } from './read-output.ts';
import type { TargetConfigFile } from './target-config-file.ts';

/** Network, addresses and settings with which a target is started. */
export type StartOptions = {
  network: Network;
  addresses: TargetAddresses;
  configFile: TargetConfigFile | undefined;
};

/** Starts the target with the probe in it, if it is a Node program; resolves once it is ready. */
export async function startTarget(options: CaseLabOptions, start: StartOptions): Promise<TargetInLab> {
  const { teardown, signal } = options;
  const { addresses } = start;
  const { kind, ready } = options.target;
  const clocks = letsTimePass(options.case);
  const explaining = { why: options.explain === 'exit', lives: options.explain === 'lives' };
  const probe = kind === 'node' ? await openProbe({ ...explaining, clocks, starvedFor }) : undefined;
  if (probe !== undefined) teardown.add('the probe', () => probe.close());
  const target = await spawnTarget(options, start, probe);
  options.shared.onTarget(target.pid);
  const since = readProcess(target.pid)?.started;
  teardown.add('the processes that it left', () => {
    // never on a machine where processes of others are visible
    if (since === undefined || !seesOnlyOwnProcesses()) return;
    for (const { pid } of orphansSince(since)) trySignal(pid, 'SIGKILL');
  });
  teardown.add('the target', () => target.kill());
  const figures = readOutput(options, target);
  await Promise.all([probe?.connected(), untilReady(target, ready, addresses, signal)]);
  const os = osProbe(options, target.pid, { ...addresses, ownSession: true });
  const joined = probe === undefined ? new JoinedObserver(os) : new JoinedObserver(probe, os);
  const observer = await withFigures(options, counting(joined, figures), addresses);
  return { target, observer, ...(probe === undefined ? {} : { probe }) };
}

async function spawnTarget(
  options: CaseLabOptions,
  { network, addresses, configFile }: StartOptions,
  probe: Probe | undefined,
): Promise<TargetProcess> {
  const privileges = privilegesOf(options.target, options.case.route);
  // a host whose kernel is to forward is set up as a router, as its administrator would
  if (privileges.includes('net_admin') && options.network !== 'single')
    await network.setSysctls(FORWARDING, 'target');
  const { config, ...launch } = targetArguments(options.target, options.case, addresses);
  await configFile?.write(config);
  return TargetProcess.spawn(probe === undefined ? launch : preloading(launch, probe), [
    ...network.startTarget(privileges),
    // the probe ends a target with the harness, too, but not one that is blocked or stopped
    ...(probe === undefined || options.network === 'none' ? endsWithHarness() : []),
  ]);
}

/** Adds the probe to a launch. A program that is not node itself, such as a shell script, passes it on through its environment. */
function preloading(launch: Launch, probe: Probe): Launch {
  const isNode = launch.command === 'node';
  return {
    command: launch.command,
    args: [...(isNode ? probe.importArgs : []), ...launch.args],
    env: { ...launch.env, ...probe.env, ...(isNode ? {} : { NODE_OPTIONS: probe.nodeOptions }) },
  };
}
