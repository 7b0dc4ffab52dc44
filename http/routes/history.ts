import { readSamples } from "../../runtime/observe/samples.ts";
import { eventViews } from "../events-view.ts";
import { exceptionsView } from "../exceptions-view.ts";
import { findGeneration } from "../found-job.ts";
import { pageOf } from "../page.ts";
import { get, type Route } from "../route.ts";
import { jobPath } from "../schemas/common.ts";
import {
  eventsQuery,
  jobEvents,
  jobExceptions,
  jobSamples,
  samplesQuery,
} from "../schemas/history.ts";

export const historyRoutes: readonly Route[] = [
  get({
    path: "/jobs/{job}/events",
    summary: "What happened to the job: deployments, restarts, checkpoints, reshards, errors",
    pathSchema: jobPath,
    querySchema: eventsQuery,
    answerSchema: jobEvents,
    answer: async ({ store, path: { job }, query }) => {
      const all = await eventViews(store, job);
      const asked = all.filter(({ kind }) => query.kind === undefined || kind === query.kind);
      const { items, next } = pageOf(asked, ({ id }) => id, query);
      return { events: [...items], ...(next !== undefined && { next }) };
    },
  }),
  get({
    path: "/jobs/{job}/exceptions",
    summary: "Errors, alarms and warnings that the job met, and what is being tried again",
    pathSchema: jobPath,
    answerSchema: jobExceptions,
    answer: async ({ store, path: { job } }) => await exceptionsView(store, job),
  }),
  get({
    path: "/jobs/{job}/samples",
    summary: "Throughput, lag and state over the last two hours in which the job ran",
    pathSchema: jobPath,
    querySchema: samplesQuery,
    answerSchema: jobSamples,
    answer: async ({ store, path: { job }, query: { sinceMs = 0, limit } }) => {
      await findGeneration(store, job);
      const all = await readSamples(store.ports, job);
      return { samples: all.filter(({ atMs }) => atMs > sinceMs).slice(-limit) };
    },
  }),
];
