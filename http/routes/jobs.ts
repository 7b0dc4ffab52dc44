import { findGeneration } from "../found-job.ts";
import { eventStream } from "../live/event-stream.ts";
import { get, getEvents, type Route } from "../route.ts";
import { jobPath } from "../schemas/common.ts";
import { jobList, jobStatus } from "../schemas/job.ts";
import { statusView, summaryView } from "../status-view.ts";

export const jobRoutes: readonly Route[] = [
  get({
    path: "/jobs",
    summary: "The jobs that there are",
    answerSchema: jobList,
    answer: async ({ store }) => {
      const jobs = [];
      for (const job of await store.jobs()) jobs.push(await summaryView(store, job));
      return { jobs };
    },
  }),
  get({
    path: "/jobs/{job}",
    summary: "How a job is: state, slots, operators, watermarks, epochs",
    pathSchema: jobPath,
    answerSchema: jobStatus,
    answer: async ({ store, path }) => await statusView(store, path.job),
  }),
  getEvents({
    path: "/jobs/{job}/updates",
    summary: "How a job is, twice a second, as server-sent events",
    pathSchema: jobPath,
    answerSchema: jobStatus,
    answer: async ({ store, path: { job }, lastEventId }) => {
      await findGeneration(store, job);
      return eventStream(store.feeds.statusOf(job), lastEventId);
    },
  }),
];
