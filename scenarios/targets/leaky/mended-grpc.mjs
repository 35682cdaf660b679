// Calls of gRPC are made again by one client; what stands for each of them goes with it.
import { Client, credentials, Server, ServerCredentials, status } from '@grpc/grpc-js';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;
const same = (bytes) => bytes;
const serialize = { requestSerialize: same, requestDeserialize: same };
const deserialize = { responseSerialize: same, responseDeserialize: same };
const method = {
  path: '/lastfin.Test/Call',
  requestStream: true,
  responseStream: true,
  ...serialize,
  ...deserialize,
};
const upstream = new Client(`${UPSTREAM_HOST}:${UPSTREAM_PORT}`, credentials.createInsecure());
const calls = new Map();
let made = 0;

function forward(call) {
  const id = ++made;
  calls.set(id, { call, since: Date.now() });
  const out = upstream.makeBidiStreamRequest(method.path, same, same, call.metadata);
  call.on('data', (bytes) => out.write(bytes));
  call.on('end', () => out.end());
  call.on('cancelled', () => out.cancel());
  out.on('data', (bytes) => call.write(bytes));
  out.on('error', () => undefined);
  out.on('status', (given) => {
    calls.delete(id);
    if (given.code === status.OK) call.end();
    else call.emit('error', given);
  });
}

const server = new Server();
server.addService({ Call: method }, { Call: forward });
server.bindAsync(`${LISTEN_HOST}:${LISTEN_PORT}`, ServerCredentials.createInsecure(), () => undefined);
process.once('SIGTERM', () => process.exit());
