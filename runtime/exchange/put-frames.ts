import { objectNames } from "../layout/names.ts";
import type { Ports, PutEntry } from "../ports/index.ts";
import { sealEnvelope } from "../serde/envelope.ts";
import { firstPositionOfGroup } from "../serde/hash-space.ts";
import { type PendingFrame, portionsOf } from "./cut-frames.ts";
import { type Frame, type GroupBlock, isForGroup } from "./frame.ts";

/** The stream that frames go into. */
export interface FrameStream {
  readonly ports: Ports;
  readonly stream: string;
  readonly groupCount: number;
  /** A record holds at most this many bytes of frame; a larger one goes to an object. */
  readonly inlineMaxBytes: number;
}

export interface LandedFrame {
  /** The shard that it was put into. */
  readonly shardId: string;
  readonly frame: Frame;
}

/** What did not come to where it belongs. */
interface Misplaced {
  /** Blocks of frames that the stream refused. */
  readonly refused: readonly GroupBlock[];
  /** Frames that landed in another shard than expected. */
  readonly moved: readonly LandedFrame[];
}

/** Objects of large frames that are put side by side. */
const objectsAtOnce = 8;

/** Puts frames, and notes which shards they reached. */
export async function putFrames(
  frames: readonly PendingFrame[],
  { reached, ...into }: FrameStream & { readonly reached: Set<string> },
): Promise<Misplaced> {
  const refused: GroupBlock[] = [];
  const moved: LandedFrame[] = [];
  for (const some of portionsOf(frames)) {
    const entries: PutEntry[] = [];
    for (let at = 0; at < some.length; at += objectsAtOnce)
      entries.push(
        ...(await Promise.all(
          some.slice(at, at + objectsAtOnce).map(async (pending) => await entryOf(pending, into)),
        )),
      );
    const results = await into.ports.writer.put(into.stream, entries);
    for (const [index, { shardId, frame }] of some.entries()) {
      const result = results[index];
      if (result?.put !== true) refused.push(...frame.blocks.filter(isForGroup));
      else {
        reached.add(result.shardId);
        if (result.shardId !== shardId) moved.push({ shardId: result.shardId, frame });
      }
    }
  }
  return { refused, moved };
}

async function entryOf(
  { frame, group }: PendingFrame,
  { ports, groupCount, inlineMaxBytes }: FrameStream,
): Promise<PutEntry> {
  const explicitHash = firstPositionOfGroup(group, groupCount);
  const partitionKey = frame.slot.slice(0, 256);
  const data = sealEnvelope("frame", frame, ports.compression);
  if (data.length <= inlineMaxBytes) return { partitionKey, explicitHash, data };
  const objectKey = objectNames.frame({ ...frame, id: ports.random.id() });
  await ports.objects.put(objectKey, data);
  const pointer = { job: frame.job, generation: frame.generation, objectKey };
  return {
    partitionKey,
    explicitHash,
    data: sealEnvelope("framePointer", pointer, ports.compression),
  };
}
