import type { Clock } from "../../ports/index.ts";
import type { InvocationTime } from "../image/invocation-time.ts";
import type { SlotImage } from "../image/slot-image.ts";
import type { Call, CallBook } from "../program/call-book.ts";
import { answerOf, timedOut } from "./call-answer.ts";

/** So often it is looked whether the time of a call, or of the batch, is over. */
const lookEveryMs = 20;

interface Making {
  readonly calls: readonly Call[];
  readonly time: InvocationTime;
}

/**
 * Makes calls together, as many of an operator at once as it has capacity for, and waits until all are answered: no longer than for half of the time
 * that the invocation has left. What is on its way then goes on, and the next step of the batch asks for it.
 */
export async function makeCalls(image: SlotImage, { calls, time }: Making): Promise<void> {
  const { clock } = image.job.ports;
  const book = image.program.calls;
  const endMs = time.remainingMs() / 2;
  let tick: Promise<void> | undefined;
  for (;;) {
    begin(book, calls, clock);
    if (calls.every(({ answer }) => answer !== undefined)) return;
    if (time.remainingMs() < endMs) return;
    tick ??= clock.sleep(lookEveryMs).then(() => {
      tick = undefined;
      // By what was slept: a clock may be set, or put forward.
      book.waitedMs += lookEveryMs;
    });
    await Promise.race([tick, ...book.underWay().map(({ done }) => done)]);
    for (const call of book.underWay()) {
      if (book.waitedMs - call.begunAtMs < call.node.timeoutMs) continue;
      call.answer = timedOut(call);
      call.abort.abort();
    }
  }
}

/** Begins those for which there is room, in the order in which they were asked for. */
function begin(book: CallBook, calls: readonly Call[], clock: Clock): void {
  const counts = new Map<string, number>();
  for (const { operator } of book.underWay()) counts.set(operator, (counts.get(operator) ?? 0) + 1);
  for (const call of calls) {
    const count = counts.get(call.operator) ?? 0;
    if (call.done !== undefined || count >= call.node.capacity) continue;
    counts.set(call.operator, count + 1);
    call.begunAtMs = book.waitedMs;
    call.done = answerOf(call, clock).then((answer) => void (call.answer ??= answer));
  }
}
