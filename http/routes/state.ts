import { findRun } from "../found-job.ts";
import { get, type Route } from "../route.ts";
import { jobPath } from "../schemas/common.ts";
import {
  stateHistory,
  stateHistoryQuery,
  stateOfKey,
  statePath,
  stateQuery,
  states,
} from "../schemas/state.ts";
import { stateHistoryView, statesView, stateView } from "../state-view.ts";

export const stateRoutes: readonly Route[] = [
  get({
    path: "/jobs/{job}/state",
    summary: "Which states of keys operators keep",
    pathSchema: jobPath,
    answerSchema: states,
    answer: async ({ store, path }) => statesView((await findRun(store, path.job)).plan),
  }),
  get({
    path: "/jobs/{job}/state/{operator}/{state}",
    summary: "What a state holds for a key now, and as of which version",
    pathSchema: statePath,
    querySchema: stateQuery,
    answerSchema: stateOfKey,
    answer: async ({ store, path, query }) => await stateView(store, { ...path, ...query }),
  }),
  get({
    path: "/jobs/{job}/state/{operator}/{state}/history",
    summary: "What a state was for a key, version by version, as far back as the log tells",
    pathSchema: statePath,
    querySchema: stateHistoryQuery,
    answerSchema: stateHistory,
    answer: async ({ store, path, query: { key, limit } }) =>
      await stateHistoryView(store, { ...path, key }, limit),
  }),
];
