import { deadLettersView, deadLetterView } from "../dead-letters-view.ts";
import { get, type Route } from "../route.ts";
import { jobPath } from "../schemas/common.ts";
import {
  deadLetter,
  deadLetterPath,
  deadLetters,
  deadLettersQuery,
} from "../schemas/dead-letters.ts";

export const deadLetterRoutes: readonly Route[] = [
  get({
    path: "/jobs/{job}/deadletters",
    summary: "What user code or a store refused, with the beginning of what each holds",
    pathSchema: jobPath,
    querySchema: deadLettersQuery,
    answerSchema: deadLetters,
    answer: async ({ store, path: { job }, query }) => await deadLettersView(store, job, query),
  }),
  get({
    path: "/jobs/{job}/deadletters/{id}",
    summary: "A dead letter as a whole",
    pathSchema: deadLetterPath,
    answerSchema: deadLetter,
    answer: async ({ store, path: { job, id } }) => await deadLetterView(store, job, id),
  }),
];
