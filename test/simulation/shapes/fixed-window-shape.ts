import type { WindowAssigner } from "../../../runtime/index.ts";
import type { Outcome, Shape } from "../shape.ts";
import { arrivalsOf } from "./arrivals.ts";
import { letterDifferences, stateDifferences, timerLetters } from "./compare.ts";
import { planFeed, type PlannedFeed, takenOf } from "./feed.ts";
import { fixedWindowDifferences } from "./fixed-windows.ts";
import { anyVariant, versions } from "./variants.ts";
import { type WindowJob, windowJob, type WindowVariant } from "./window-job.ts";

interface FixedVariant extends WindowVariant {
  readonly sizeMs: number;
}

interface Assigned {
  readonly assigner: WindowAssigner;
  readonly slideMs: number;
  /** Default: the stream "items". */
  readonly read?: NonNullable<WindowJob["read"]>;
}

/** A shape of windows of one size, with corrections and a side output for what is late. */
export function fixedWindowShape(name: string, assign: (variant: FixedVariant) => Assigned): Shape {
  const jobs = versions((variant: FixedVariant) =>
    windowJob({ name, ...assign(variant) }, variant),
  );
  return {
    name,
    plan(dice) {
      const variant: FixedVariant = {
        ...anyVariant(dice),
        sizeMs: dice.pick([500, 1_000]),
        latenessMs: dice.pick([0, 400, 1_500]),
      };
      const planned = planFeed(dice, { stream: "items", traps: ["read", "add", "result"] });
      const { slideMs } = assign(variant);
      return {
        ...jobs(variant),
        knowsTakingBack: true,
        feed: planned.records,
        check: (outcome) => check(takenOf(planned, outcome), outcome, { ...variant, slideMs }),
      };
    },
  };
}

function check(
  planned: PlannedFeed,
  outcome: Outcome,
  rules: { readonly sizeMs: number; readonly slideMs: number; readonly latenessMs: number },
): string[] {
  const arrivals = arrivalsOf([planned], outcome, {
    operator: "windows",
    lateStream: "late",
    always: { read: "map" },
  });
  return [
    ...arrivals.wrong,
    ...letterDifferences(outcome, [...arrivals.letters, ...timerLetters(outcome, "windows")]),
    ...fixedWindowDifferences(arrivals, outcome, {
      ...rules,
      operator: "windows",
      firings: "firings",
      table: "windows",
    }),
    ...stateDifferences(outcome, "windows/windows/windows", []),
  ];
}
