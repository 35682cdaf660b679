import { LastfinError } from '../../../shared/errors/lastfin-error.ts';
import type { H2Step } from '../../scenario/step.ts';
import type { ActorConnection } from '../actor-connection.ts';
import { StepFailure } from '../round-services.ts';
import { H2Client } from '../transports/h2/h2-client.ts';
import { h2Of } from '../transports/h2/h2-of.ts';
import type { H2Pipe } from '../transports/h2/h2-pipe.ts';

/** Runs a step that only HTTP/2 has. */
export async function runH2Step(connection: ActorConnection, step: H2Step, deadline: number): Promise<void> {
  const { actor } = connection;
  const pipe = h2Of(connection.pipe);
  if (pipe === undefined) throw wrong(`an HTTP/2 step of the ${actor}, which does not speak HTTP/2`);
  switch (step.kind) {
    case 'cancel':
      if (connection.did === 'nothing') connection.did = 'cancelled';
      return pipe.cancel(step.code);
    case 'goaway':
      return pipe.sendGoaway(step.code);
    case 'settings':
      return pipe.changeSettings(step.settings);
    case 'freeze':
      if (!pipe.freeze())
        throw wrong('`freeze` of a script that shares its connection: each of them must freeze');
      return;
    case 'continuation':
      if (pipe instanceof H2Client) pipe.continueHead(step.frames);
      return;
    case 'half-head':
      return pipe.sendHalfHead();
    case 'expect-h2':
      return expectFrame(connection, pipe, step.frame, deadline);
  }
}

async function expectFrame(
  connection: ActorConnection,
  pipe: H2Pipe,
  frame: 'cancelled' | 'goaway',
  deadline: number,
): Promise<void> {
  const came = (): boolean => (frame === 'goaway' ? pipe.goneAway !== undefined : pipe.isCancelled);
  const settled = (): boolean => came() || pipe.isLost || !connection.isOpen;
  await connection.round.until(`expect ${frame}`, settled, deadline, connection.signal);
  if (!came()) throw new StepFailure(`expected ${frame}: ${connection.state}`);
}

const wrong = (message: string): LastfinError => new LastfinError('LASTFIN_SCENARIO_INVALID', message);
