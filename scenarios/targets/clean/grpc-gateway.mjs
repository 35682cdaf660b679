// A gateway that reads the calls of gRPC and makes them again, with their messages, deadlines and statuses.
import { Client, credentials, Server, ServerCredentials, status } from '@grpc/grpc-js';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;
const addressOf = (host, port) => `${host.includes(':') ? `[${host}]` : host}:${port}`;
const same = (bytes) => bytes;

/** Every kind of call is one whose messages pass both ways. */
const method = {
  path: '/lastfin.Test/Call',
  requestStream: true,
  responseStream: true,
  requestSerialize: same,
  requestDeserialize: same,
  responseSerialize: same,
  responseDeserialize: same,
};

const upstream = new Client(addressOf(UPSTREAM_HOST, UPSTREAM_PORT), credentials.createInsecure(), {
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 200,
});

function forward(call) {
  const metadata = call.metadata.clone();
  metadata.setOptions({ waitForReady: true });
  const out = upstream.makeBidiStreamRequest(method.path, same, same, metadata, {
    deadline: call.getDeadline(),
  });
  let isOver = false;
  call.on('data', (bytes) => out.write(bytes) || call.pause());
  out.on('drain', () => call.resume());
  call.on('end', () => out.end());
  call.on('cancelled', () => out.cancel());
  call.on('error', () => out.cancel());
  out.on('metadata', (given) => call.sendMetadata(given));
  out.on('data', (bytes) => isOver || call.write(bytes) || out.pause());
  call.on('drain', () => out.resume());
  // a status that is bad is an error of the call, too
  out.on('error', () => undefined);
  out.on('status', ({ code, details, metadata: trailers }) => {
    if (isOver) return;
    isOver = true;
    if (code === status.OK) call.end(trailers);
    else call.emit('error', { code, details, metadata: trailers });
  });
}

const server = new Server();
server.addService({ Call: method }, { Call: forward });
server.bindAsync(addressOf(LISTEN_HOST, LISTEN_PORT), ServerCredentials.createInsecure(), (error) => {
  if (error) throw error;
});
process.once('SIGTERM', () => process.exit());
