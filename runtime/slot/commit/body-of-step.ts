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

/** Of several writes to one row only the last matters; records and lines all stay. Looked through from the end: the first that is met is the last. */
function lastOfEachKey(writes: SinkWrites["writes"]): SinkWrites["writes"] {
  const seen = new Set<string>();
  const kept: (readonly [number, DirectWrite])[] = [];
  for (let at = writes.length - 1; at >= 0; at--) {
    const numbered = writes[at]!;
    const [, write] = numbered;
    if ("key" in write) {
      const identity = identityOf(write.key);
      if (seen.has(identity)) continue;
      seen.add(identity);
    }
    kept.push(numbered);
  }
  return kept.reverse();
}

/** Among the keys of one sink, which have the same names in one order. Texts have their length in front: no two keys read alike. */
function identityOf(key: Readonly<Record<string, string | number>>): string {
  let identity = "";
  for (const name in key) {
    const value = key[name]!;
    identity += typeof value === "string" ? `"${value.length}:${value}` : `${value},`;
  }
  return identity;
}
