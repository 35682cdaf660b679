/** More turns than any backlog needs; a client that never stops connecting must not stop the shutdown. */
const MAX_ROUNDS = 100;

/**
 * Waits until the kernel's accept backlog is empty. Closing a listener resets the connections in it, although their clients
 * are already connected; accepted first, they are counted and ended like all others.
 *
 * @param accepted how many connections have been accepted so far
 */
export async function emptyAcceptBacklog(accepted: () => number): Promise<void> {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const before = accepted();
    // two turns: the poll of the present one may be over already
    await nextTurn();
    await nextTurn();
    if (accepted() === before) return;
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
