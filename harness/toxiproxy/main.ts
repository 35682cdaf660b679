import { runToxiproxy } from './command.ts';

/** The server as a process of its own: `node dist/harness/toxiproxy/main.js --host 127.0.0.1 --port 0`. */
try {
  await runToxiproxy(process.argv.slice(2));
  process.exit(0);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit((error as { code?: unknown }).code === 'LASTFIN_USAGE' ? 2 : 1);
}
