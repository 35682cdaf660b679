// A forward proxy on proxy-chain; the second argument, if any, is the time-out of its HTTP server, ms.
const { LISTEN_HOST, LISTEN_PORT } = process.env;

const [name, timeout] = process.argv.slice(2);
const library = await import(name);
const { Server } = library.Server ? library : library.default;
const server = new Server({ port: Number(LISTEN_PORT), host: LISTEN_HOST, verbose: false });
if (timeout !== undefined) server.server.timeout = Number(timeout);
await server.listen();
process.once('SIGTERM', () => process.exit());
