// Preloaded into a reference proxy: counts what it publishes on diagnostics channels, and tells the probe. `told_wrong` counts messages that
// lack a promised field, or contradict what was said of the same connection before.
import { subscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';

const told = { accept: 0, connect: 0, reject: 0, warn: 0, end: 0, reload: 0 };
let wrong = 0;
/** Connections that were accepted and have not ended, by id. */
const open = new Map();

/** Time (ms) that this process was ready to run and got no processor; 0 if the system does not tell. */
function starvedFor() {
  try {
    return Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return 0;
  }
}

/** Starvation up to the message before: between an event and its message the processor may be taken away. */
let starvedBefore = starvedFor();

const isPort = (port) => Number.isInteger(port) && port > 0;

function check(isRight) {
  if (!isRight) wrong += 1;
}

function on(event, look) {
  subscribe(event === 'reload' ? 'lastfin:reload' : `lastfin:connection:${event}`, (message) => {
    told[event] += 1;
    look(message);
    starvedBefore = starvedFor();
  });
}

/** A connection's client may become known later, from a PROXY header, but does not change then. */
function isSame({ id, remoteAddress, remotePort, route }) {
  const known = open.get(id);
  return (
    known !== undefined &&
    known.remoteAddress === remoteAddress &&
    known.remotePort === remotePort &&
    (known.route === undefined || known.route === route)
  );
}

on('accept', (message) => {
  const { id, remoteAddress, remotePort, listener } = message;
  check(
    typeof id === 'string' &&
      !open.has(id) &&
      isPort(remotePort) &&
      typeof remoteAddress === 'string' &&
      typeof listener === 'string',
  );
  open.set(id, { remoteAddress, remotePort, at: performance.now(), starved: starvedBefore });
});
on('connect', (message) => {
  const known = open.get(message.id);
  check(isSame(message) && typeof message.route === 'string' && isPort(message.upstream?.port));
  if (known) Object.assign(known, { route: message.route, connected: true });
});
on('reject', (message) => {
  const known = open.get(message.id);
  check(isSame(message) && String(message.reason).startsWith('rejected_'));
  if (known) known.rejected = message.reason;
});
on('warn', (message) =>
  check(isSame(message) && message.warning === 'inactivity' && open.get(message.id)?.connected),
);
on('end', (message) => {
  const known = open.get(message.id);
  const { durationMs, duration, bytesIn, bytesOut, upstreamBytesIn, upstreamBytesOut } = message;
  const figures = [
    durationMs,
    bytesIn,
    bytesOut,
    ...(known?.connected ? [upstreamBytesIn, upstreamBytesOut] : []),
  ];
  check(
    isSame(message) &&
      figures.every(Number.isInteger) &&
      typeof duration === 'string' &&
      typeof message.incoming === 'string',
  );
  const lasted = performance.now() - known?.at;
  check(Math.abs(durationMs - lasted) < 20 + starvedFor() - known?.starved);
  check(known?.rejected === undefined || known.rejected === message.incoming);
  check(!known?.connected || typeof message.outgoing === 'string');
  open.delete(message.id);
});
on('reload', ({ listeners, dropped }) =>
  check(Array.isArray(listeners) && listeners.length > 0 && Array.isArray(dropped)),
);

subscribe('lastfin:collect', (collector) => {
  collector.gauge('told_open', told.accept - told.end);
  for (const [event, count] of Object.entries(told)) collector.counter(`told_${event}`, count);
  collector.counter('told_wrong', wrong);
});
