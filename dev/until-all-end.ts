/** Waits for the last of them, also where one fails: nothing may outlive a run. Fails as the first of those that failed. */
export async function untilAllEnd(ends: readonly Promise<unknown>[]): Promise<void> {
  for (const end of await Promise.allSettled(ends)) {
    if (end.status === "rejected") throw end.reason;
  }
}
