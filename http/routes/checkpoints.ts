import { describeCheckpoint, listCheckpoints } from "../../runtime/savepoints/index.ts";
import { objectNames } from "../../runtime/layout/names.ts";
import { checkpointView, countsOf, slotsOfManifest, summaryOf } from "../checkpoints-view.ts";
import { findDescription, findGeneration } from "../found-job.ts";
import { pageOf } from "../page.ts";
import { get, type Route } from "../route.ts";
import {
  checkpointDetail,
  checkpointPath,
  checkpoints,
  checkpointsQuery,
} from "../schemas/checkpoints.ts";
import { jobPath } from "../schemas/common.ts";

export const checkpointRoutes: readonly Route[] = [
  get({
    path: "/jobs/{job}/checkpoints",
    summary: "Checkpoints: counts, percentiles, configuration and history",
    pathSchema: jobPath,
    querySchema: checkpointsQuery,
    answerSchema: checkpoints,
    answer: async ({ store, path: { job }, query }) => {
      const generation = await findGeneration(store, job);
      const known = await findDescription(store, job, generation);
      const entries = await listCheckpoints(store.ports, job);
      const newestFirst = entries.toReversed().map(checkpointView);
      const { items, next } = pageOf(newestFirst, ({ name }) => name, query);
      const summary = summaryOf(entries);
      return {
        counts: countsOf(entries),
        ...(summary && { summary }),
        ...(known?.checkpoints && { configuration: known.checkpoints }),
        history: [...items],
        ...(next !== undefined && { next }),
      };
    },
  }),
  get({
    path: "/jobs/{job}/checkpoints/{epoch}",
    summary: "A complete checkpoint, slot by slot, by <generation>-<epoch>",
    pathSchema: checkpointPath,
    answerSchema: checkpointDetail,
    answer: async ({ store, path: { job, epoch: text } }) => {
      const living = await findGeneration(store, job);
      const [epoch = 0, generation = living?.generation ?? 1] = text
        .split("-")
        .toReversed()
        .map(Number);
      const key = objectNames.manifest(job, generation, epoch);
      const { entry, manifest } = await describeCheckpoint(store.ports, key);
      return {
        checkpoint: checkpointView(entry),
        plan: manifest.plan.fingerprint,
        slots: slotsOfManifest(manifest),
      };
    },
  }),
];
