// Requests over HTTP/2 go on by one session to the upstream; what stands for each of them goes with it.
import http2 from 'node:http2';
import { pipeline } from 'node:stream';

const { LISTEN_HOST, LISTEN_PORT, UPSTREAM_HOST, UPSTREAM_PORT } = process.env;
const { NGHTTP2_CANCEL } = http2.constants;
let pooled;

function session() {
  if (pooled && !pooled.closed && !pooled.destroyed) return pooled;
  pooled = http2.connect(`http://${UPSTREAM_HOST}:${UPSTREAM_PORT}`).on('error', () => undefined);
  return pooled.setMaxListeners(0);
}

const server = http2.createServer();
server.on('stream', (stream, { ':method': method, ':path': path }) => {
  const upstream = session();
  const outgoing = upstream.request({ ':method': method, ':path': path }, { endStream: false });
  const onGoaway = (code) => code !== 0 && stream.close(NGHTTP2_CANCEL);
  upstream.once('goaway', onGoaway);
  outgoing.on('response', ({ ':status': status, 'x-lastfin': mark }) => {
    if (stream.closed) return;
    stream.respond({ ':status': status, 'x-lastfin': mark });
    pipeline(outgoing, stream, () => undefined);
  });
  outgoing.on('error', () => stream.close(NGHTTP2_CANCEL));
  stream.on('error', () => undefined);
  stream.on('close', () => {
    upstream.off('goaway', onGoaway);
    outgoing.close(NGHTTP2_CANCEL);
  });
  pipeline(stream, outgoing, () => undefined);
});
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => process.exit());
