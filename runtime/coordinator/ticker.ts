import { ownWatermark, type StageWatermark } from "../exchange/watermark.ts";
import { usesExchange } from "../job/slot-ref.ts";
import type { CoordinatorOptions } from "./options.ts";
import type { Regions } from "./regions.ts";
import type { RoundView } from "./round.ts";
import { sendTicks } from "./send-ticks.ts";
import { raised, sameWatermarks, stageWatermarks } from "./stage-watermarks.ts";

export interface TickOutcome {
  /** A tick was due, and was put as far as that was possible. */
  readonly put: boolean;
  /** The clock of a tick that slots of the exchange will commit. */
  readonly raisedMs?: number;
}

/** Ticks when a watermark rose, an epoch was opened or closed, a shard is new, or a processing-time timer is due. */
export function ticker({ job }: CoordinatorOptions) {
  let tickedWatermarks: Record<string, StageWatermark> = {};
  /** What else the newest tick said, and the open shards that it was put into. */
  let tickedNews = "";
  return async ({
    regions,
    shards: lists,
    generation,
    epochs,
    nowMs,
  }: RoundView): Promise<TickOutcome> => {
    if (!usesExchange(job.plan)) return { put: false };
    const { epoch, closed, stopping } = epochs;
    const shards = lists.get(job.names.exchangeStream) ?? [];
    const openShards = shards.filter((shard) => !shard.closed).map(({ shardId }) => shardId);
    const news = `${epoch},${closed ?? ""},${stopping},${openShards.join(",")}`;
    const watermarks = raised(tickedWatermarks, stageWatermarks(job.plan, regions));
    const isRaise = !sameWatermarks(watermarks, tickedWatermarks);
    const timerDue = regions.exchange.slots.some(
      ({ nextTimerMs }) => nextTimerMs !== undefined && nextTimerMs <= nowMs,
    );
    if (!isRaise && !timerDue && news === tickedNews) return { put: false };
    const content = {
      generation,
      epoch,
      clockMs: nowMs,
      watermarks,
      ...(closed === undefined ? {} : { closed }),
      ...(stopping ? { stopping } : {}),
    };
    const allPut = await sendTicks(job, shards, content);
    // What was throttled is put again in the next round.
    if (!allPut) return { put: true };
    tickedWatermarks = watermarks;
    tickedNews = news;
    return isBehind(regions.exchange, watermarks) ? { put: true, raisedMs: nowMs } : { put: true };
  };
}

/** Whether a slot of the exchange will commit a tick with these watermarks: one that raises nothing leaves no trace. */
function isBehind(
  { slots }: Regions,
  watermarks: Readonly<Record<string, StageWatermark>>,
): boolean {
  return slots.some(
    (slot) =>
      !slot.sealed &&
      Object.entries(watermarks).some(
        ([stage, { ms }]) => ownWatermark(slot.watermarks[stage]) < ms,
      ),
  );
}
