// A forward proxy on proxy-chain.
const { LISTEN_HOST, LISTEN_PORT } = process.env;

const library = await import(process.argv[2]);
const { Server } = library.Server ? library : library.default;
const server = new Server({ port: Number(LISTEN_PORT), host: LISTEN_HOST, verbose: false });
await server.listen();
process.once('SIGTERM', () => process.exit());
