import { onlyReads } from "../graph/only-reads.ts";
import { synchronous } from "../graph/synchronous.ts";
import type { TemporalJoinNode } from "../graph/temporal-join.ts";
import { leftName, rightName } from "../plan/state-names.ts";
import { copyInPassing } from "../serde/copy-value.ts";
import type { DueTimer } from "../state/timer-queue.ts";
import { failIn, type OperatorParts, passOnOfElement, type Push } from "./contract.ts";
import { type KeptVersion, keptVersions } from "./kept-versions.ts";
import type { KeyedInputs } from "./keyed.ts";
import { timedBuckets } from "./timed-buckets.ts";

/**
 * Elements with the version that holds at their time, with the semantics of Flink's TemporalRowTimeJoinOperator: elements wait for the watermark to
 * reach their time, since versions come as late as they do, and a version is kept until it has passed the next one. In addition what comes too late
 * for that is told: Flink drops it, or gives it as if there had never been a version.
 */
export function temporalJoinOperator(node: TemporalJoinNode, parts: OperatorParts): KeyedInputs {
  const { runtime, output, metrics } = parts;
  const { uid = node.name, type } = node;
  const waiting = timedBuckets(runtime, {
    cell: { uid, name: leftName },
    dueMs: (timestampMs) => timestampMs,
  });
  const versions = keptVersions(runtime, { uid, name: rightName });
  const emit = emitterOf(node, parts);
  const versionOf = versionsOf(node);
  const sideOf = (tag: string | undefined): Push | undefined =>
    tag === undefined ? undefined : output.side(tag);
  const late = { left: sideOf(node.leftLateTag), right: sideOf(node.rightLateTag) };

  /** Whether it comes so late that the version which held may be gone. */
  const isLate = (timestampMs: number): boolean =>
    timestampMs < runtime.lateBehindMs && versions.at(timestampMs) === undefined;

  /** Takes out the next of the elements that a timer stands for. */
  function takeNext(timer: DueTimer, give: (value: unknown) => void): void {
    const entry = waiting.of(timer);
    if (entry === undefined) return;
    const { values } = entry.value;
    const value = values.shift();
    waiting.keep(entry, values.length);
    try {
      give(value);
    } catch (thrown) {
      passOnOfElement(thrown, value);
    }
  }

  return {
    pushes: [
      (value, timestampMs, change) => {
        const standsAlone = type === "left" && late.left === undefined;
        if (standsAlone || !isLate(timestampMs)) return void waiting.add(timestampMs, value);
        metrics.late += 1;
        late.left?.(value, timestampMs, change);
      },
      (value, timestampMs, change, before) => {
        if (!versions.isSuperseded(timestampMs))
          return versions.put(timestampMs, versionOf(value, change === "delete"));
        metrics.late += 1;
        late.right?.(value, timestampMs, change, before);
      },
    ],
    onTimer(timer) {
      if (versions.owns(timer)) return versions.passed(timer);
      const timestampMs = timer.entry.mapKey as number;
      const version = versions.at(timestampMs);
      const holds = version !== undefined && "value" in version.value;
      takeNext(timer, (value) => {
        if (holds) emit(value, timestampMs, { versionMs: version.mapKey, ...version.value });
        else if (type === "left") emit(value, timestampMs, { versionMs: undefined });
      });
    },
    passOver: (timer) => {
      if (waiting.owns(timer)) takeNext(timer, () => undefined);
    },
    left: (timer) => (waiting.owns(timer) ? waiting.of(timer) : undefined)?.value.values.length,
  };
}

/** What an element of the versions' input means. */
function versionsOf({ uid, name, deletes }: TemporalJoinNode) {
  return (value: unknown, isDeleted: boolean): KeptVersion => {
    if (isDeleted || deletes === undefined) return isDeleted ? {} : { value };
    try {
      const given = onlyReads(deletes) ? value : copyInPassing(value);
      return synchronous<unknown>(deletes(given), "deletes") === true ? {} : { value };
    } catch (thrown) {
      return failIn(uid ?? name, thrown);
    }
  };
}

interface Found {
  readonly value?: unknown;
  readonly versionMs: number | undefined;
}

/** Gives what the user's function makes of an element and a version. */
function emitterOf({ uid, name, join }: TemporalJoinNode, { runtime, output }: OperatorParts) {
  // A function that can only read is given what is kept; any other may change or keep it.
  const given = onlyReads(join) ? (value: unknown) => value : copyInPassing<unknown>;
  return (value: unknown, timestampMs: number, { value: version, versionMs }: Found): void => {
    let result: unknown;
    try {
      const context = { key: runtime.current.key, timestampMs, versionMs };
      result = synchronous<unknown>(join(given(value), given(version), context), "the join");
    } catch (thrown) {
      failIn(uid ?? name, thrown);
    }
    output.emit(result, timestampMs, "insert");
  };
}
