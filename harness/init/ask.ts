import { cancel, confirm, intro, isCancel, select, text } from '@clack/prompts';

import { LastfinError } from '../../shared/errors/lastfin-error.ts';
import { PROTOCOLS, type Spoken } from './recognise.ts';

/** Answers about the program; whatever is left open is found out by trying. */
export type Answers = { command: string; speaks?: Spoken; upstream: boolean; github: boolean };

const BY_TRYING = 'try';
const SERVER = 'server';

/**
 * Asks the questions that `--yes` skips, except those that the command line has answered.
 *
 * @throws LastfinError `LASTFIN_USAGE` when the person gives up
 */
export async function ask(found: string | undefined, given: Partial<Answers>): Promise<Answers> {
  intro('lastfin init: a target file, a first scenario, three cases');
  const command =
    given.command ??
    answered(
      await text({
        message:
          'Which command starts your program? {{listen.port}} and {{upstream.address}} may stand in it.',
        ...(found === undefined ? { placeholder: 'node server.js' } : { initialValue: found }),
        validate: (value) =>
          (value ?? '').trim() === '' ? 'A command is needed, such as node server.js' : undefined,
      }),
    );
  const asked = given.speaks ?? (given.upstream === false ? SERVER : await askProtocol());
  const github =
    given.github ??
    answered(await confirm({ message: 'Write a workflow for GitHub Actions?', initialValue: false }));
  return {
    command,
    upstream: asked !== SERVER && given.upstream !== false,
    github,
    ...(asked === SERVER || asked === BY_TRYING ? {} : { speaks: asked }),
  };
}

async function askProtocol(): Promise<Spoken | typeof BY_TRYING | typeof SERVER> {
  return answered(
    await select({
      message: 'What is it?',
      options: [
        { value: BY_TRYING as Spoken | typeof BY_TRYING | typeof SERVER, label: 'Find out by trying' },
        { value: SERVER, label: 'A server without an upstream' },
        ...PROTOCOLS.map((value) => ({ value, label: LABELS[value] })),
      ],
    }),
  );
}

const LABELS: Record<Spoken, string> = {
  tcp: 'A TCP proxy',
  http: 'An HTTP proxy or gateway',
  connect: 'A proxy for CONNECT',
  socks5: 'A SOCKS5 proxy',
  websocket: 'A WebSocket proxy',
};

function answered<T>(value: T): Exclude<T, symbol> {
  if (!isCancel(value)) return value as Exclude<T, symbol>;
  cancel('nothing was written');
  throw new LastfinError(
    'LASTFIN_USAGE',
    'given up before the last question; `lastfin init --yes` asks none',
  );
}
