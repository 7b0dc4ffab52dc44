import { answerTo } from "../playground/messages.ts";
import type { PlayStep } from "../playground/play-step.ts";
import { timelineSvg } from "../playground/timeline-svg.ts";
import { timelineOf } from "../playground/timeline.ts";
import type { Document } from "./documents.ts";
import { type PlayBlock, playBlocksOf } from "./play-blocks.ts";

export interface Figure extends Pick<PlayBlock, "text" | "input" | "everyMs" | "ends"> {
  /** The run at its end, or before it where nothing is left then. */
  readonly svg: string;
}

/**
 * Plays every block of the documents that is marked for it, and draws what came of it.
 * @throws where a job fails.
 */
export async function drawFigures(documents: readonly Document[]): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const { path, text } of documents)
    for (const block of playBlocksOf(text)) figures.push(await drawFigure(path, block));
  return figures;
}

async function drawFigure(
  path: string,
  { line, text, input, everyMs, ends }: PlayBlock,
): Promise<Figure> {
  const request = { text, input, everyMs, ends };
  const steps = await stepsOf(request, `${path}, line ${line}`);
  const end = timelineOf(steps);
  // At the end all timers have fired: the step before has something to see.
  const shown = end.lanes.length > 0 ? end : timelineOf(steps, steps.length - 1);
  const svg = timelineSvg(shown);
  return { ...request, svg };
}

/** All steps of a run. @throws where it fails. */
export async function stepsOf(
  request: Pick<PlayBlock, "text" | "input" | "everyMs" | "ends">,
  about: string,
): Promise<readonly PlayStep[]> {
  const steps: PlayStep[] = [];
  for await (const answer of answerTo(request)) {
    if (answer.kind === "step") steps.push(answer.step);
    if (answer.kind === "failed") throw new Error(`${about}: ${answer.message}`);
  }
  return steps;
}
