import type { ManifestSlot } from "../checkpoint/manifest.ts";
import { stateError } from "../errors/millrace-error.ts";
import type { Shard } from "../ports/index.ts";

/**
 * The shards that an epoch's source slots stood on: a restore goes on with exactly these, and their children take over as always.
 * @throws MillraceError `savepoint-positions-lost` where one of them is not retained any more.
 */
export function checkSourceShards(
  shards: readonly Shard[],
  saved: readonly ManifestSlot[],
): readonly Shard[] {
  const byId = new Map(shards.map((shard) => [shard.shardId, shard]));
  return saved.map(({ shardId, stream }) => {
    const shard = byId.get(shardId);
    if (shard !== undefined) return shard;
    throw stateError("savepoint-positions-lost", {
      message: `The savepoint stands in shard ${shardId} of stream "${stream}", which is not retained any more: records behind it are lost.`,
      next: "Restore a younger savepoint, or start the job anew.",
    });
  });
}
