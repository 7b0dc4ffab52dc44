import type { SinkWrite } from "../../graph/connectors.ts";
import type { CommitBody, SinkWrites } from "../image/commit-body.ts";
import type { StepResult } from "../step/run-step.ts";

/** What a step did, as the body of its commit. */
export function bodyOfStep(result: StepResult): CommitBody {
  let index = 0;
  const writes: SinkWrites[] = [];
  for (const [sink, made] of result.effects.writes) {
    const numbered = made.map((write): readonly [number, SinkWrite] => [index++, write]);
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
  };
}

/** Of several writes to one row only the last matters; appended records all stay. */
function lastOfEachKey(writes: readonly (readonly [number, SinkWrite])[]): SinkWrites["writes"] {
  const last = new Map<string, readonly [number, SinkWrite]>();
  for (const numbered of writes) {
    const [index, write] = numbered;
    const identity = write.kind === "append" ? String(index) : JSON.stringify(write.key);
    last.delete(identity);
    last.set(identity, numbered);
  }
  return [...last.values()];
}
