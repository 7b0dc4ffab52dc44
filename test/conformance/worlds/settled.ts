import type { Clock } from "../../../runtime/ports/index.ts";

/** CloudWatch shows what has happened within three minutes, as a rule, and sums go on growing until it has shown all. */
const lagMs = 180_000;
const askAgainMs = 60_000;
const asksMax = 15;

/** Asks CloudWatch for figures of a time that is over, until they stay as they are. */
export async function settled<T>(clock: Pick<Clock, "sleep">, ask: () => Promise<T>): Promise<T> {
  await clock.sleep(lagMs);
  let before = await ask();
  for (let asks = 1; asks < asksMax; asks++) {
    await clock.sleep(askAgainMs);
    const now = await ask();
    if (JSON.stringify(now) === JSON.stringify(before)) return now;
    before = now;
  }
  throw new Error(`CloudWatch's figures still change after ${asksMax} minutes.`);
}
