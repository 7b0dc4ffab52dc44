export interface Concurrency<Item, Result> {
  /** At most this many at a time. */
  readonly limit: number;
  readonly work: (item: Item) => Promise<Result>;
}

/**
 * Runs `work` on every item; the results stand in the order of the items. After the first failure nothing new is
 * begun; it is thrown once all that had begun is over.
 */
export async function concurrently<Item, Result>(
  items: readonly Item[],
  { limit, work }: Concurrency<Item, Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const failures: unknown[] = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length && failures.length === 0) {
      const index = next++;
      try {
        results[index] = await work(items[index]!);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  if (failures.length > 0) throw failures[0];
  return results;
}
