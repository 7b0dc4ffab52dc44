import type { Collected } from "../../checkpoint/staged.ts";
import { stagedSpecOf } from "../../connectors/sinks.ts";
import type { DirectWrite } from "../../graph/connectors.ts";
import { type JobRuntime, sinkNodeOf } from "../../job/job-runtime.ts";
import type { CommitBody, SinkWrites } from "../image/commit-body.ts";
import type { StepResult } from "../step/run-step.ts";

/** What a step did, as the body of its commit. */
export function bodyOfStep(job: JobRuntime, result: StepResult): CommitBody {
  let index = 0;
  const writes: SinkWrites[] = [];
  const collected: Collected[] = [];
  for (const [sink, made] of result.effects.writes) {
    const spec = stagedSpecOf(sinkNodeOf(job, sink).sink.type);
    if (spec !== undefined) {
      collected.push({ sink, count: made.length, content: spec.stage(made) });
      continue;
    }
    const direct = made as readonly DirectWrite[];
    const numbered = direct.map((write): readonly [number, DirectWrite] => [index++, write]);
    writes.push({ sink, writes: lastOfEachKey(numbered) });
  }
  const { meta, deltas, broadcast, blocks, pending, recorded } = result;
  return {
    meta,
    deltas,
    ...(broadcast.length === 0 ? {} : { broadcast }),
    blocks,
    writes,
    deadLetters: result.effects.deadLetters,
    ...(pending === undefined ? {} : { pending }),
    ...(recorded.length === 0 ? {} : { recorded }),
    ...(collected.length === 0 ? {} : { collected }),
  };
}

/** Of several writes to one row only the last matters; records and lines all stay. */
function lastOfEachKey(writes: SinkWrites["writes"]): SinkWrites["writes"] {
  const last = new Map<string, readonly [number, DirectWrite]>();
  for (const numbered of writes) {
    const [index, write] = numbered;
    const identity = "key" in write ? JSON.stringify(write.key) : String(index);
    last.delete(identity);
    last.set(identity, numbered);
  }
  return [...last.values()];
}
