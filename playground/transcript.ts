import type { PlayStep } from "./play-step.ts";
import { shownTime, shownValue, shownWindowTimes } from "./shown-time.ts";
import { timelineOf } from "./timeline.ts";
import { written } from "../runtime/job/progress.ts";

/** A run as text, a line for each thing that happened: the figure for whoever can't see it, and what tests compare. */
export function transcriptOf(steps: readonly PlayStep[]): string {
  return steps.map((step, at) => stepText(step, steps.slice(0, at + 1))).join("");
}

function stepText(step: PlayStep, upTo: readonly PlayStep[]): string {
  const watermark = shownTime(written(timelineOf(upTo).watermarkMs));
  const head = `${nameOf(step).padEnd(labelWidth)}watermark ${watermark}`;
  return [head, ...happened(step).map((text) => " ".repeat(labelWidth) + text), ""].join("\n");
}

const labelWidth = 10;

function nameOf({ cause }: PlayStep): string {
  if (cause.kind === "line") return `line ${cause.line}`;
  return cause.kind === "end" ? "end" : "all lines";
}

function happened({ late, fired, results, deadLetters }: PlayStep): readonly string[] {
  return [
    ...Object.entries(late).map(
      ([operator, count]) => `late: ${count} for ${operatorOf(operator)}`,
    ),
    ...deadLetters.map(({ reason }) => `dead letter: ${reason}`),
    ...fired.map((window) => `fires: ${shownValue(window.key)} ${shownWindowTimes(window)}`),
    ...results.map(({ target, kind, value }) => {
      const what = kind === "row" ? "" : ` ${kind}`;
      return `${target}${what}: ${JSON.stringify(value)}`;
    }),
  ];
}

/** Operators are counted under their stage. */
function operatorOf(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}
