import type { ConnectionEvent, ConnectionSeen, Entry } from '../../../journal/entry.ts';
import type { PhaseSpan } from './phases.ts';

export type Mark = { t: number; event: ConnectionEvent['event']; text: string };

/** Life of one side of a connection. `to` is undefined where no end was seen; `timed`: false where the journal has no times. */
export type Bar = {
  actor: 'client' | 'target' | 'upstream';
  from: number;
  to: number | undefined;
  marks: Mark[];
  timed: boolean;
};

export type Lane = { round: number; connection: number; bars: Bar[] };

type Seen = ConnectionSeen & { t: number; events?: ConnectionEvent[] };
type End = { t: number; port?: number; text: string };

/** Whether a connection has ended with an event; a step that failed leaves it open. */
const isEnding = ({ event, step }: ConnectionEvent): boolean =>
  event === 'closed' || event === 'rst' || event === 'rst-sent' || (event === 'error' && step === undefined);

/** Lanes of all connections that were noted: client, target, upstream. */
export function lanesOf(entries: readonly Entry[], phases: readonly PhaseSpan[]): Lane[] {
  const lanes = new Map<string, { lane: Lane; client?: Seen; upstream?: Seen }>();
  const ends: End[] = [];
  for (const entry of entries) {
    if (entry.type === 'connection') {
      const key = `${entry.round} ${entry.connection}`;
      const { round, connection } = entry;
      const own = lanes.get(key) ?? { lane: { round, connection, bars: [] } };
      own[entry.actor] = entry;
      lanes.set(key, own);
    } else if (entry.type === 'end-line') {
      const sides = [
        ...(entry.incoming === undefined ? [] : [`incoming ${entry.incoming}`]),
        ...(entry.outgoing === undefined ? [] : [`outgoing ${entry.outgoing}`]),
      ];
      const text = `the target logs its end: ${sides.join(', ') || 'no reason'}`;
      ends.push({ t: entry.t, text, ...(entry.clientPort === undefined ? {} : { port: entry.clientPort }) });
    }
  }
  return [...lanes.values()]
    .map(({ lane, client, upstream }) => {
      const bars = [barOf(client, phases), targetBar(client, upstream, ends), barOf(upstream, phases)];
      return { ...lane, bars: bars.filter((bar) => bar !== undefined) };
    })
    .toSorted((a, b) => a.round - b.round || a.connection - b.connection);
}

function barOf(seen: Seen | undefined, phases: readonly PhaseSpan[]): Bar | undefined {
  if (seen === undefined) return undefined;
  const { actor, events } = seen;
  if (events === undefined || events.length === 0) return untimed(seen, phases);
  const marks = events.map((event) => ({ t: event.t, event: event.event, text: inWords(event, actor) }));
  const end = events.findLast(isEnding);
  return { actor, from: events[0]?.t ?? 0, to: end?.t, marks, timed: true };
}

/** In older journals connections have no times: a bar over the round, with marks at its end. */
function untimed(seen: Seen, phases: readonly PhaseSpan[]): Bar {
  const of = phases.filter(({ round, phase }) =>
    seen.round === 0 ? phase === 'warm-up' : round === seen.round && phase !== 'release' && phase !== 'stop',
  );
  // rounds that confirm are one phase, and noted at its end
  const confirming = seen.round > 1 ? phases.find(({ phase }) => phase === 'confirm') : undefined;
  const from = confirming?.from ?? of[0]?.from ?? 0;
  const to = Math.max(from, confirming?.to ?? of.at(-1)?.to ?? seen.t);
  const did: Partial<Record<Seen['did'], ConnectionEvent['event']>> = {
    'half-closed': 'fin-sent',
    closed: 'fin-sent',
    abandoned: 'fin-sent',
    reset: 'rst-sent',
  };
  const saw: Record<string, ConnectionEvent['event']> = { end: 'fin', reset: 'rst' };
  const own = did[seen.did];
  const marks: Mark[] = [];
  if (own !== undefined) marks.push({ t: to, event: own, text: `${seen.actor} ${seen.did}` });
  if (seen.seen !== 'none')
    marks.push({ t: to, event: saw[seen.seen] ?? 'error', text: `${seen.actor} saw ${seen.seen}` });
  return { actor: seen.actor, from, to, marks, timed: false };
}

/** Bar of the target, as far as its peers can tell: from the client's connection until its log line, or both ends seen. */
function targetBar(
  client: Seen | undefined,
  upstream: Seen | undefined,
  ends: readonly End[],
): Bar | undefined {
  const events = [...(client?.events ?? []), ...(upstream?.events ?? [])];
  const from = client?.events?.find(({ event }) => event === 'established')?.t;
  if (from === undefined) return undefined;
  const port = portOf(client);
  const logged = port === undefined ? undefined : ends.find((end) => end.port === port && end.t >= from);
  const marks: Mark[] = logged === undefined ? [] : [{ t: logged.t, event: 'closed', text: logged.text }];
  const byPeers = [client, upstream].map((seen) => endByTarget(seen?.events));
  const to = logged?.t ?? (byPeers.every((t) => t !== undefined) ? Math.max(...byPeers) : undefined);
  const last = Math.max(from, ...events.map(({ t }) => t));
  return {
    actor: 'target',
    from,
    to: to === undefined ? undefined : Math.min(to, Math.max(last, to)),
    marks,
    timed: true,
  };
}

/** Moment at which a peer knew that the target had ended its side, or had reset the connection itself. */
function endByTarget(events: readonly ConnectionEvent[] = []): number | undefined {
  return events.findLast((event) => event.event === 'fin' || (event.event !== 'closed' && isEnding(event)))
    ?.t;
}

function portOf(client: Seen | undefined): number | undefined {
  const port = Number(client?.source?.split(':').at(-1));
  return Number.isInteger(port) && port > 0 ? port : undefined;
}

const WORDS: Record<ConnectionEvent['event'], string> = {
  opened: 'opened',
  established: 'established',
  'first-byte': 'got its first byte',
  step: 'finished step',
  'fin-sent': 'sent FIN',
  fin: 'saw FIN',
  'rst-sent': 'sent RST',
  rst: 'saw RST',
  closed: 'closed',
  error: 'saw an error',
};

function inWords({ event, step, code }: ConnectionEvent, actor: string): string {
  if (event === 'error' && step !== undefined) return `${actor} could not complete step ${step + 1}`;
  const more = event === 'step' ? ` ${(step ?? 0) + 1}` : code === undefined ? '' : ` ${code}`;
  return `${actor} ${WORDS[event]}${more}`;
}
