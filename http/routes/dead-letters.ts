import { deadLettersView, deadLetterView } from "../letters/dead-letters-view.ts";
import { discardChosen, replayChosen, replayOne } from "../letters/change-letters.ts";
import { get, postDone, type Route } from "../route.ts";
import { jobPath } from "../schemas/common.ts";
import {
  deadLetter,
  deadLetterPath,
  deadLetters,
  deadLettersQuery,
  discarded,
  lettersToDiscard,
  lettersToReplay,
  letterToReplay,
  replayed,
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
  postDone({
    path: "/jobs/{job}/deadletters/replay",
    summary:
      "Puts the documents of dead letters into their streams again, and removes those that were put",
    pathSchema: jobPath,
    bodySchema: lettersToReplay,
    answerSchema: replayed,
    answer: async ({ store, path: { job }, body }) => await replayChosen(store, job, body),
  }),
  postDone({
    path: "/jobs/{job}/deadletters/discard",
    summary: "Removes dead letters for good",
    pathSchema: jobPath,
    bodySchema: lettersToDiscard,
    answerSchema: discarded,
    answer: async ({ store, path: { job }, body }) => await discardChosen(store, job, body),
  }),
  postDone({
    path: "/jobs/{job}/deadletters/{id}/replay",
    summary: "Replays one dead letter, with another document where one is given",
    pathSchema: deadLetterPath,
    bodySchema: letterToReplay,
    answerSchema: replayed,
    answer: async ({ store, path, body }) => await replayOne(store, path, body),
  }),
];
