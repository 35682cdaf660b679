/**
 * Runs `work` on every item, at most `limit` at a time, in order. Rejects with the first error once the items in progress are done
 * too: nothing continues in the background.
 */
export async function concurrently<T>(
  limit: number,
  items: readonly T[],
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  let failed = false;
  const worker = async (): Promise<void> => {
    while (next < items.length && !failed) {
      const index = next++;
      try {
        await work(items[index] as T, index);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const workers = await Promise.allSettled(Array.from({ length: Math.min(limit, items.length) }, worker));
  const failure = workers.find(({ status }) => status === 'rejected');
  if (failure?.status === 'rejected') throw failure.reason;
}
