import autocannon from 'autocannon';
import { bulk, connectionsPerSecond, holdIdle, percentile, roundTrips } from './measures.ts';

/** What the driver can be asked for; all figures are of one port. */
export type Task =
  | { measure: 'bulk'; port: number; connections: number }
  | { measure: 'connections'; port: number }
  | { measure: 'round-trips'; port: number; count: number }
  | { measure: 'requests'; port: number }
  | { measure: 'hold'; port: number; connections: number }
  | { measure: 'release' };

let release: (() => Promise<void>) | undefined;

/** The client of `bench/proxy.ts`, in a process of its own: does one task after the other, and ends with its parent. */
async function run(task: Task): Promise<number[]> {
  switch (task.measure) {
    case 'bulk':
      return [await bulk(task.port, task.connections)];
    case 'connections':
      return [await connectionsPerSecond(task.port)];
    case 'round-trips': {
      await roundTrips(task.port, task.count / 10);
      const times = await roundTrips(task.port, task.count);
      return [percentile(times, 0.5) * 1000, percentile(times, 0.99) * 1000];
    }
    case 'requests': {
      const url = `http://127.0.0.1:${task.port}/`;
      const { requests, latency, errors } = await autocannon({ url, connections: 32, duration: 2 });
      if (errors > 0) throw new Error(`${errors} failed requests at ${url}`);
      return [requests.average, latency.p99];
    }
    case 'hold':
      release = await holdIdle(task.port, task.connections);
      return [];
    case 'release':
      await release?.();
      release = undefined;
      return [];
    default:
      throw new Error('no such task');
  }
}

process.on('message', (task: Task) => {
  run(task).then(
    (figures) => process.send?.({ figures }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.once('disconnect', () => process.exit());
