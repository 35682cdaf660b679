/**
 * Fuzzers, seeded: files of all kinds that a user can give, and HTTP messages through the reference proxy, in both directions.
 *
 *   npm run fuzz -- [files] [http] [h2-clients] [h2-upstreams] [--seconds 60] [--seed 1]
 *
 * Each fuzzer gets an equal share of the time. Exits with 1 where something was found; the same seed makes it again.
 */
import { parseArgs } from 'node:util';

import { fuzzFiles } from './fuzz/files.ts';
import { fuzzH2Clients } from './fuzz/h2-clients.ts';
import { fuzzH2Upstreams } from './fuzz/h2-upstreams.ts';
import { fuzzHttp } from './fuzz/http.ts';

const FUZZERS = {
  files: fuzzFiles,
  http: fuzzHttp,
  'h2-clients': fuzzH2Clients,
  'h2-upstreams': fuzzH2Upstreams,
};
type Name = keyof typeof FUZZERS;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
  },
});
const names = Object.keys(FUZZERS) as Name[];
const unknown = positionals.find((name) => !names.includes(name as Name));
const [seconds, seed] = [Number(values.seconds), Number(values.seed)];
if (unknown !== undefined || !(seconds > 0) || !Number.isSafeInteger(seed)) {
  process.stderr.write(`npm run fuzz -- [${names.join('] [')}] [--seconds 60] [--seed 1]\n`);
  process.exit(2);
}
const chosen = names.filter((name) => positionals.length === 0 || positionals.includes(name));
let found = 0;
for (const name of chosen) {
  const log = (line: string): void => {
    process.stdout.write(`${name}: ${line}\n`);
  };
  const { tried, findings } = await FUZZERS[name]({ seed, seconds: seconds / chosen.length, log });
  found += findings.length;
  process.stdout.write(`${name}, seed ${seed}: ${tried} tried, ${findings.length} findings\n`);
}
process.exitCode = found > 0 ? 1 : 0;
