import { synchronous } from "../graph/synchronous.ts";
import type { TemporalJoinNode } from "../graph/temporal-join.ts";
import { leftName, rightName } from "../plan/state-names.ts";
import { failIn, type OperatorParts, sideOf } from "./contract.ts";
import { givenTo } from "./given-to.ts";
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
  const late = {
    left: sideOf(output, node.leftLateTag),
    right: sideOf(output, node.rightLateTag),
  };

  /** Whether it comes so late that the version which held may be gone. */
  const isLate = (timestampMs: number): boolean =>
    timestampMs < runtime.lateBehindMs && versions.at(timestampMs) === undefined;

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
      const bucket = waiting.of(timer);
      if (bucket === undefined) return;
      const timestampMs = bucket.mapKey;
      const version = versions.at(timestampMs);
      const holds = version !== undefined && "value" in version.value;
      waiting.takeNext(bucket, (value) => {
        if (holds) emit(value, timestampMs, { versionMs: version.mapKey, ...version.value });
        else if (type === "left") emit(value, timestampMs, { versionMs: undefined });
      });
    },
    passOver: (timer) => {
      const bucket = waiting.owns(timer) ? waiting.of(timer) : undefined;
      if (bucket !== undefined) waiting.takeNext(bucket);
    },
    left: (timer) => (waiting.owns(timer) ? waiting.left(timer) : undefined),
  };
}

/** What an element of the versions' input means. */
function versionsOf({
  uid,
  name,
  deletes,
}: TemporalJoinNode): (value: unknown, isDeleted: boolean) => KeptVersion {
  if (deletes === undefined) return (value, isDeleted) => (isDeleted ? {} : { value });
  const given = givenTo(deletes);
  return (value, isDeleted) => {
    if (isDeleted) return {};
    try {
      return synchronous<unknown>(deletes(given(value)), "deletes") === true ? {} : { value };
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
  const given = givenTo(join);
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
