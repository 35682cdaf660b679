// A SOCKS5 proxy on the version of simple-socks that is named.
const { LISTEN_HOST, LISTEN_PORT } = process.env;

const { default: socks } = await import(process.argv[2]);
const server = socks.createServer();
server.on('proxyError', () => {});
server.listen(Number(LISTEN_PORT), LISTEN_HOST);
process.once('SIGTERM', () => process.exit());
