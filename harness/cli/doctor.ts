import { Command } from '../../vendor/commander.ts';

import { MARKS } from '../../reports/palette.ts';
import { findRealToxiproxy } from '../faults/toxiproxy-process.ts';
import { type Ability, abilities } from '../lab/abilities.ts';
import { namespaceObstacle } from '../lab/namespace.ts';
import { findProgram } from '../lab/system-tool.ts';
import { VERSION } from './version.ts';

export const doctorCommand = new Command('doctor')
  .description('Says what this machine can do for the lab, by trying it, and what to change where it cannot.')
  .action(async () => {
    process.stdout.write(
      `lastfin ${VERSION}, Node.js ${process.version}, ${process.platform} ${process.arch}\n`,
    );
    process.exitCode = await examine();
  });

/** Programs that some targets and tests need; the first name that is there counts. */
const PROGRAMS: readonly { names: readonly string[]; mend: string }[] = [
  { names: ['haproxy'], mend: 'install haproxy, for the target of that name' },
  { names: ['nginx'], mend: 'install nginx, for the target of that name' },
  { names: ['socat'], mend: 'install socat, for the target of that name' },
  {
    names: ['chromium', 'chromium-browser', 'google-chrome'],
    mend: 'install chromium, for a browser as client',
  },
  { names: ['openssl'], mend: 'install openssl, for renegotiation in TLS 1.2' },
];

function programs(): Ability[] {
  const toxiproxy = findRealToxiproxy();
  return [
    {
      what: 'the real Toxiproxy',
      works: toxiproxy !== undefined,
      says: toxiproxy ?? 'not found',
      mend: 'npm run setup builds it, for --toxiproxy real',
    },
    ...PROGRAMS.map(({ names, mend }) => {
      const found = names.map(findProgram).find((one) => one !== undefined);
      return { what: names[0] ?? '', works: found !== undefined, says: found ?? 'not found', mend };
    }),
  ];
}

/** Exit code 1 where cases cannot have a network of their own. */
async function examine(): Promise<number> {
  const obstacle = await namespaceObstacle();
  if (obstacle === undefined) {
    const all = await abilities();
    print('lab: cases run in network namespaces of their own', all);
  } else {
    const what = 'a network namespace';
    print(
      "lab: cases run on the machine's own network (--lab none); kernel faults are skipped or simulated",
      [{ what, works: false, says: obstacle.why, mend: obstacle.mend }],
    );
  }
  print('programs', programs());
  return obstacle === undefined ? 0 : 1;
}

function print(heading: string, all: readonly Ability[]): void {
  const width = Math.max(...all.map(({ what }) => what.length));
  const lines = all.flatMap(({ what, works, says, mend }) => [
    `  ${works ? MARKS.passed : MARKS.failed} ${what.padEnd(width)}  ${says.split('\n', 1)[0]}`,
    ...(works ? [] : [`    ${''.padEnd(width)}  to mend it: ${mend}`]),
  ]);
  process.stdout.write(`\n${heading}\n${lines.join('\n')}\n`);
}
