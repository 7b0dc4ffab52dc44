import { dynamodbSink, kinesisSink } from "../../../runtime/connectors/index.ts";
import {
  defineJob,
  type JobDefinition,
  outputTag,
  sessionWindows,
  tumblingWindows,
} from "../../../runtime/index.ts";
import { noteCodeRun, type Outcome, report, type Shape } from "../shape.ts";
import { arrivalsOf } from "./arrivals.ts";
import { letterDifferences, stateDifferences, told } from "./compare.ts";
import { interleave, names, planFeed, type PlannedFeed, takenOf } from "./feed.ts";
import type { WindowResult } from "./firing.ts";
import { fixedWindowDifferences } from "./fixed-windows.ts";
import type { Item } from "./item.ts";
import { sessionDifferences } from "./sessions.ts";
import { readItems } from "./source.ts";
import { anyVariant, jobOptions, versions } from "./variants.ts";
import type { WindowVariant } from "./window-job.ts";

interface JoinVariant extends WindowVariant {
  readonly kind: "tumbling" | "session";
  /** Size of a window, or gap of a session. */
  readonly lengthMs: number;
}

const lateLeft = outputTag<Item>("late-left");
const lateRight = outputTag<Item>("late-right");
const jobs = versions(buildJob);

/** Windows and sessions of two streams, which fire again for late items of either. */
export const windowJoin: Shape = {
  name: "window-join",
  plan(dice) {
    const kind = dice.pick(["tumbling", "session"] as const);
    const variant: JoinVariant = {
      ...anyVariant(dice),
      kind,
      lengthMs: dice.pick(kind === "tumbling" ? [500, 1_000] : [150, 400]),
      latenessMs: dice.pick(kind === "tumbling" ? [0, 400, 1_500] : [400, 1_500, 6_000]),
    };
    const keys = names("k", dice.between(5, 30));
    const feed = (stream: string) =>
      planFeed(dice, { stream, count: dice.between(105, 135), keys, traps: ["read"] });
    const [lefts, rights] = [feed("lefts"), feed("rights")];
    return {
      ...jobs(variant),
      knowsTakingBack: true,
      feed: interleave(dice, lefts.records, rights.records),
      check: (outcome) =>
        check([takenOf(lefts, outcome), takenOf(rights, outcome)], variant, outcome),
    };
  },
};

function buildJob(variant: JoinVariant): JobDefinition {
  const { kind, lengthMs, latenessMs } = variant;
  const length = { milliseconds: lengthMs };
  return defineJob(
    "window-join",
    (env) => {
      const [lefts, rights] = ["lefts", "rights"].map((stream) =>
        readItems(env, stream).keyBy(({ key }) => key),
      );
      const met = lefts!
        .coGroup(rights!, {
          uid: "met",
          window:
            kind === "tumbling"
              ? tumblingWindows({ size: length })
              : sessionWindows({ gap: length }),
          allowedLateness: { milliseconds: latenessMs },
          leftLateOutput: lateLeft,
          rightLateOutput: lateRight,
        })
        .apply((left, right, { key, window }): readonly WindowResult[] => {
          noteCodeRun();
          for (const text of [...strangersIn(left, "lefts"), ...strangersIn(right, "rights")])
            report(text);
          const ids = [...left, ...right].map(({ id }) => id);
          const sum = [...left, ...right].reduce((total, { value }) => total + value, 0);
          return [{ key, ...window, n: ids.length, sum, ids }];
        });
      met.sinkTo(dynamodbSink({ table: "windows", key: ["key", "startMs"] }), { uid: "rows" });
      met.sinkTo(
        kinesisSink({
          stream: "firings",
          partitionKey: ({ key }) => key,
          toRecord: (result, change) => ({ ...result, change }),
        }),
        { uid: "firings" },
      );
      met
        .sideOutput(lateLeft)
        .union(met.sideOutput(lateRight))
        .sinkTo(kinesisSink({ stream: "late", partitionKey: ({ from }) => from }), { uid: "late" });
    },
    jobOptions(variant),
  );
}

/** Items of one stream that came as those of the other. */
function strangersIn(items: readonly Item[], stream: string): readonly string[] {
  const strangers = items.filter(({ id }) => !id.startsWith(stream));
  return told(
    `Given for an item of ${stream}:`,
    strangers.map(({ id }) => id),
  );
}

function check(
  feeds: readonly [PlannedFeed, PlannedFeed],
  { kind, lengthMs, latenessMs }: JoinVariant,
  outcome: Outcome,
): string[] {
  const arrivals = arrivalsOf(feeds, outcome, {
    operator: "met",
    lateStream: "late",
    always: { read: "map" },
  });
  const found = { latenessMs, firings: "firings", table: "windows" };
  return [
    ...arrivals.wrong,
    ...letterDifferences(outcome, arrivals.letters),
    ...(kind === "tumbling"
      ? fixedWindowDifferences(arrivals, outcome, {
          ...found,
          sizeMs: lengthMs,
          slideMs: lengthMs,
          operator: "met",
        })
      : sessionDifferences(arrivals, outcome, { ...found, gapMs: lengthMs })),
    ...stateDifferences(outcome, `met/met/${kind === "tumbling" ? "windows" : "sessions"}`, []),
    ...stateDifferences(outcome, "met/met/elements", []),
  ];
}
