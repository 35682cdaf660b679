import { Command } from '../../../shared/vendor/commander.ts';

import { MARKS } from '../../report/terminal/palette.ts';
import { findRealToxiproxy } from '../../faults/toxiproxy-process.ts';
import { ABILITIES, ALL_ABILITIES } from '../../lab/abilities.ts';
import { tryAbilities, wantOf } from '../../lab/machine.ts';
import { namespaceObstacle } from '../../lab/network/namespace.ts';
import { findProgram } from '../../lab/system-tool.ts';
import { costOnMachine } from '../machine-cost.ts';
import { VERSION } from '../../../shared/version.ts';

export const doctorCommand = new Command('doctor')
  .description('Tries the abilities of this machine that cases need, and tells how to get the missing ones.')
  .action(async () => {
    process.stdout.write(
      `lastfin ${VERSION}, Node.js ${process.version}, ${process.platform} ${process.arch}\n`,
    );
    process.exitCode = await examine();
  });

/** A line of the page: an ability, and how to get it where it is missing. */
type Line = { what: string; works: boolean; says: string; fix: string; without?: string };

/** Programs that some targets and tests need, each by its possible names. */
const PROGRAMS: readonly { names: readonly string[]; fix: string }[] = [
  { names: ['haproxy'], fix: 'install haproxy, for the target of that name' },
  { names: ['nginx'], fix: 'install nginx, for the target of that name' },
  { names: ['tcpdump'], fix: 'install tcpdump, for --capture' },
  { names: ['socat'], fix: 'install socat, for the target of that name' },
  {
    names: ['chromium', 'chromium-browser', 'google-chrome'],
    fix: 'install chromium, for a browser as client',
  },
  { names: ['openssl'], fix: 'install openssl, for renegotiation in TLS 1.2' },
];

function programs(): Line[] {
  const toxiproxy = findRealToxiproxy();
  return [
    {
      what: 'the real Toxiproxy',
      works: toxiproxy !== undefined,
      says: toxiproxy ?? 'not found',
      fix: 'npm run setup builds it, for --toxiproxy real',
    },
    ...PROGRAMS.map(({ names, fix }) => {
      const found = names.map(findProgram).find((one) => one !== undefined);
      return { what: names[0] ?? '', works: found !== undefined, says: found ?? 'not found', fix };
    }),
  ];
}

/** Prints the page. Exit code 1 where cases cannot have a network of their own. */
async function examine(): Promise<number> {
  const obstacle = await namespaceObstacle();
  const user = `uid ${process.getuid?.() ?? 'unknown'}`;
  const tried = await tryAbilities(ALL_ABILITIES, obstacle);
  const lines = ALL_ABILITIES.flatMap((ability): Line[] => {
    const { what, without } = ABILITIES[ability];
    const one = tried.find((other) => other.ability === ability);
    return one === undefined ? [] : [{ ...one, what, without, fix: wantOf(ability).fix }];
  });
  if (obstacle === undefined) {
    const real = { what: 'real user', works: true, says: `${user} inside as outside`, fix: '' };
    print('lab: cases run in network namespaces of their own', [real, ...lines]);
  } else {
    const { why: says, fix } = obstacle;
    print(
      "lab: cases run on the machine's own network (--lab none); kernel faults are skipped or simulated",
      [{ what: 'a network namespace', works: false, says, fix }, ...lines],
    );
  }
  print('programs', programs());
  const lacks = Object.fromEntries(
    tried.filter(({ works }) => !works).map(({ ability }) => [ability, wantOf(ability)]),
  );
  const machine = { lacks, ...(obstacle === undefined ? {} : { namespace: obstacle }) };
  process.stdout.write(`\n${costOnMachine(machine)}\n`);
  return obstacle === undefined ? 0 : 1;
}

function print(heading: string, all: readonly Line[]): void {
  const width = Math.max(...all.map(({ what }) => what.length));
  const more = (text: string): string => `    ${''.padEnd(width)}  ${text}`;
  const lines = all.flatMap(({ what, works, says, fix, without }) => [
    `  ${works ? MARKS.passed : MARKS.failed} ${what.padEnd(width)}  ${says.split('\n', 1)[0]}`,
    ...(works ? [] : [more(`to fix it: ${fix}`)]),
    ...(works || without === undefined ? [] : [more(`without it: ${without}`)]),
  ]);
  process.stdout.write(`\n${heading}\n${lines.join('\n')}\n`);
}
