import net from 'node:net';

import { type Address, formatAddress } from '../../../shared/address.ts';
import { reportResetAfterData } from '../../../shared/reset-after-data.ts';
import type { Load } from '../../scenario/background-load.ts';
import { sampleOver, type SampleRequest } from '../../scenario/sample-request.ts';
import type { Transport } from '../../scenario/transport.ts';
import { seenFrom } from '../seen-from.ts';
import { openLoadStream, type TransportLab } from '../transports/open-transport.ts';
import { askedFields, hostOf, prefixOf } from '../transports/http/asked.ts';
import { TransportRefused } from '../transports/pipe.ts';
import { H2LoadLine } from './h2-load-line.ts';
import { HttpLine } from './http-line.ts';
import type { LoadLine, LoadRequest } from './load-line.ts';
import { LoadRun, type LoadServices } from './load-run.ts';

export type { LoadRun } from './load-run.ts';

/** Clocks of a load, and what ends it early. */
export type LoadTimes = Omit<LoadServices, 'open'>;

type LoadOptions = {
  address: Address;
  transport: Transport;
  lab: TransportLab;
  server: boolean;
  sample: SampleRequest;
};

/** Prepares a load over the transport of the clients: against a server it asks for the sample of the route. */
export function loadRun(load: Load, options: LoadOptions, times: LoadTimes): LoadRun {
  const { transport, lab, server } = options;
  const upstream = formatAddress(lab.upstream);
  const sample = server ? sampleOver(transport, options.sample) : undefined;
  const asked = typeof sample === 'object' ? sample : { ...load, headers: {}, text: undefined };
  const request: LoadRequest = {
    method: asked.method,
    path: `${prefixOf(transport, upstream)}${asked.path}`,
    host: hostOf(transport, upstream),
    headers: { ...askedFields(transport).headers, ...asked.headers },
    body: asked.text === undefined ? Buffer.alloc(asked.body, 'load') : Buffer.from(asked.text),
    answer: server ? undefined : load.answer,
  };
  return new LoadRun(load, {
    ...times,
    open: (onSource) => openLine(options, request, { ...times, onSource }),
  });
}

async function openLine(
  { address, transport, lab }: LoadOptions,
  request: LoadRequest,
  { deadline, onSource }: LoadTimes & { onSource: (source: string) => void },
): Promise<LoadLine> {
  const socket = reportResetAfterData(net.connect({ ...address, allowHalfOpen: true, noDelay: true }));
  const failed = new Promise<never>((_resolve, reject) => {
    socket.once('error', (error) => reject(new TransportRefused(seenFrom(error))));
    socket.once('close', () => reject(new TransportRefused('end')));
    socket.setTimeout(deadline, () =>
      socket.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })),
    );
  });
  failed.catch(() => undefined);
  try {
    await Promise.race([new Promise((resolve) => socket.once('connect', resolve)), failed]);
    onSource(`${transport.header?.source ?? socket.localAddress}:${socket.localPort}`);
    const stream = await Promise.race([openLoadStream(socket, transport, lab), failed]);
    socket.setTimeout(0);
    return transport.protocol === 'h2'
      ? new H2LoadLine(stream, socket, request, transport.tls !== undefined)
      : new HttpLine(stream, socket, request);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}
