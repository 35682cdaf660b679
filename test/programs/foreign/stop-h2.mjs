/** Ends a server of HTTP/2 at SIGTERM: its sessions by GOAWAY, and soon after that what is still connected. */
export function stopAtSignal(server) {
  const sessions = new Set();
  const sockets = new Set();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => {});
    session.once('close', () => sessions.delete(session));
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  process.once('SIGTERM', () => {
    server.close();
    for (const session of sessions) session.close();
    // a client that does not end its half keeps a socket whose session is over
    setTimeout(() => {
      for (const socket of sockets) socket.destroy();
    }, 300).unref();
  });
}
