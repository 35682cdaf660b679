/** Length of the accept backlog: a burst must not overflow it, a dropped SYN comes back after a second. Linux caps it at somaxconn. */
export const BACKLOG = 4096;

/**
 * Waits until the kernel's accept backlog is empty. Closing a listener resets the connections in it, although their clients
 * are already connected; accepted first, they are counted and ended like all others.
 *
 * @param accepted returns the number of connections accepted so far
 */
export async function emptyAcceptBacklog(accepted: () => number): Promise<void> {
  const start = accepted();
  let before = -1;
  // anything beyond a full backlog arrived after the stop began: without that limit a busy client would prevent the stop
  while (accepted() !== before && accepted() - start < BACKLOG) {
    before = accepted();
    // two turns, since the poll of the present one may be over already; libuv accepts one connection a poll
    await nextTurn();
    await nextTurn();
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
