// A forward proxy on transparent-proxy.
import ProxyServer from 'transparent-proxy';

const { LISTEN_HOST, LISTEN_PORT } = process.env;

new ProxyServer().listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => process.exit());
