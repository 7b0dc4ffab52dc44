import { isMillraceError, messageOf } from "../runtime/errors/millrace-error.ts";
import { explainText } from "../runtime/plan/explain.ts";
import { buildPlan } from "../runtime/planner/build-plan.ts";
import { loadJob } from "./load-job.ts";
import { play, type PlayOptions } from "./play.ts";
import type { PlayStep } from "./play-step.ts";

/** What a page asks of its worker: to play the job of a text. */
export interface PlayRequest extends PlayOptions {
  readonly text: string;
}

/** What the worker answers: the plan, then step after step, then that it is done; or why it can't go on. */
export type PlayAnswer =
  | { readonly kind: "planned"; readonly explained: string }
  | { readonly kind: "step"; readonly step: PlayStep }
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly message: string; readonly code?: string };

/** Answers a request. Never throws. */
export async function* answerTo({ text, ...options }: PlayRequest): AsyncGenerator<PlayAnswer> {
  try {
    const job = loadJob(text);
    yield { kind: "planned", explained: explainText(buildPlan(job.graph)) };
    for await (const step of play(job, options)) yield { kind: "step", step };
    yield { kind: "done" };
  } catch (thrown) {
    yield {
      kind: "failed",
      message: messageOf(thrown),
      ...(isMillraceError(thrown) && { code: thrown.code }),
    };
  }
}
