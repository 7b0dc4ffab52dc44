import { type ReadonlySignal, useSignal } from "@preact/signals";
import type { Problem } from "../../../http/schemas/common.ts";
import { ask } from "./ask.ts";
import { ApiProblem } from "./client.ts";

/** What is asked of the API, and what it said. */
export interface Wish<Answer> {
  readonly answer: ReadonlySignal<Answer | undefined>;
  readonly problem: ReadonlySignal<Problem | undefined>;
  readonly ask: (path: string, body?: object) => Promise<void>;
}

/** Asks, and keeps the answer or the refusal for the page; `onDone` is told where it was done. */
export function useWish<Answer>(onDone: () => void): Wish<Answer> {
  const answer = useSignal<Answer | undefined>(undefined);
  const problem = useSignal<Problem | undefined>(undefined);
  return {
    answer,
    problem,
    ask: async (path, body) => {
      answer.value = undefined;
      problem.value = undefined;
      try {
        answer.value = await ask<Answer>(path, body);
        onDone();
      } catch (thrown) {
        if (!(thrown instanceof ApiProblem)) throw thrown;
        problem.value = thrown.problem;
      }
    },
  };
}
