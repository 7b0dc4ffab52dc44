import type { KeyedRuntime } from "../operators/contract.ts";
import { failIn } from "../operators/contract.ts";
import { synchronous } from "../graph/synchronous.ts";
import { copyInPassing } from "../serde/copy-value.ts";
import { emptyMatch } from "./match-output.ts";
import type { Run } from "./run.ts";
import type { SharedBuffer } from "./shared-buffer.ts";
import type { Condition, ConditionContext } from "./stage.ts";

interface Parts {
  readonly runtime: KeyedRuntime;
  readonly buffer: SharedBuffer;
}

/** Asks conditions about elements. */
export function conditionChecks(uid: string, stages: readonly string[], parts: Parts) {
  const { runtime, buffer } = parts;

  /** What a run has taken so far: read where a condition asks for it. */
  function matchedBy([, node]: Run): Readonly<Record<string, readonly unknown[]>> {
    const matched = emptyMatch(stages);
    for (const { stage, value } of buffer.elementsOf(node))
      matched[stage]?.push(copyInPassing(value));
    return matched;
  }

  return {
    /** Whether conditions hold of an element. */
    of(value: unknown, timestampMs: number): (condition: Condition, run: Run) => boolean {
      let of: Run | undefined;
      let matched: Readonly<Record<string, readonly unknown[]>> | undefined;
      const context: ConditionContext<unknown> = {
        timestampMs,
        nowMs: runtime.nowMs,
        get matched() {
          return (matched ??= matchedBy(of as Run));
        },
      };
      return (condition, run) => {
        of = run;
        // A condition may change what it is given, and is asked again: whether it takes the element, and whether it lets it pass.
        matched = undefined;
        try {
          return Boolean(synchronous<unknown>(condition(value, context), "a condition"));
        } catch (thrown) {
          return failIn(uid, thrown);
        }
      };
    },
  };
}
