import type { JsonValue } from "../../ports/index.ts";
import type { CommitBody } from "../image/commit-body.ts";
import type { SlotImage } from "../image/slot-image.ts";
import type { StepInput } from "../step/step.ts";

/** Of more frames their number is told. */
const framesMax = 20;

/**
 * Says, to whoever looks for a fault, what a commit took and what it gave. A record is found by its sequence number in the slot of its source; a frame names the slot and the
 * version that it is of, so that what came of the record is followed from commit to commit, as far as sinks.
 */
export function logCommit(
  { job, slot, meta }: SlotImage,
  input: StepInput,
  body: CommitBody,
): void {
  const { version, epoch } = meta;
  const { blocks, writes, deadLetters } = body;
  job.ports.telemetry.log("debug", "committed", {
    slot: slot.name,
    version,
    epoch,
    ...takenOf(input),
    ...(blocks.length > 0 && { sentBlocks: blocks.length }),
    ...(writes.length > 0 && {
      written: Object.fromEntries(writes.map(({ sink, writes: some }) => [sink, some.length])),
    }),
    ...(deadLetters.length > 0 && { deadLetters: deadLetters.length }),
  });
}

function takenOf({ records, exchange }: StepInput): Record<string, JsonValue> {
  const [first] = records;
  const last = records.at(-1);
  if (first !== undefined && last !== undefined)
    return { records: records.length, first: first.sequence, last: last.sequence };
  const frames = exchange.flatMap((input) => (input.kind === "frame" ? [input.frame] : []));
  if (frames.length === 0) return {};
  return {
    frames: frames.length,
    of: frames.slice(0, framesMax).map(({ slot, version }) => `${slot}@${version}`),
  };
}
