import type { Ports, Shard } from "../ports/index.ts";

/** A list of shards may be seconds old (docs/protocol.md, section 1): whoever knows of something newer asks for this long. */
const askAgainForMs = 5_000;
const askAgainMs = 250;

/**
 * Lists the shards of a stream, and lists them again while the list is older than what the caller knows. Answers the last list
 * also where it never came to fit: what that means is for the caller to say.
 */
export async function listShardsUntil(
  { reader, clock }: Pick<Ports, "reader" | "clock">,
  stream: string,
  fits: (shards: readonly Shard[]) => boolean,
): Promise<readonly Shard[]> {
  for (let waitedMs = 0; ; waitedMs += askAgainMs) {
    const shards = await reader.listShards(stream);
    if (fits(shards) || waitedMs >= askAgainForMs) return shards;
    await clock.sleep(askAgainMs);
  }
}

/** Whether a list shows each of these shards. */
export function listsAll(shards: readonly Shard[], shardIds: readonly string[]): boolean {
  const listed = new Set(shards.map(({ shardId }) => shardId));
  return shardIds.every((shardId) => listed.has(shardId));
}
