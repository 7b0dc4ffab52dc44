import type { SavepointRequest } from "../../runtime/checkpoint/epochs.ts";
import { askForSavepoint, listCheckpoints, openRequests } from "../../runtime/savepoints/index.ts";
import { savepointNameFor } from "../../runtime/savepoints/take-savepoint.ts";
import { checkWrites } from "../check-writes.ts";
import { checkpointView } from "../checkpoints-view.ts";
import { findGeneration } from "../found-job.ts";
import { pageOf } from "../page.ts";
import { get, post, type Route } from "../route.ts";
import {
  asked,
  checkpointsQuery,
  savepoints,
  savepointToTake,
  stopToAsk,
} from "../schemas/checkpoints.ts";
import { jobPath } from "../schemas/common.ts";
import type { ServedStore } from "../served-store.ts";

export const savepointRoutes: readonly Route[] = [
  get({
    path: "/jobs/{job}/savepoints",
    summary: "Savepoints, and those that were asked for and are not there",
    pathSchema: jobPath,
    querySchema: checkpointsQuery,
    answerSchema: savepoints,
    answer: async ({ store, path: { job }, query }) => {
      await findGeneration(store, job);
      const entries = await listCheckpoints(store.ports, job);
      const named = entries.filter(({ savepoint }) => savepoint !== undefined);
      const views = named.toReversed().map(checkpointView);
      const { items, next } = pageOf(views, ({ name }) => name, query);
      const requests = await openRequests(store.ports, job);
      return {
        savepoints: [...items],
        requests: requests.map(({ manifest: _, ...request }) => request),
        ...(next !== undefined && { next }),
      };
    },
  }),
  post({
    path: "/jobs/{job}/savepoints",
    summary: "Asks for a savepoint",
    pathSchema: jobPath,
    bodySchema: savepointToTake,
    answerSchema: asked,
    answer: async ({ store, path: { job }, body }) => await ask(store, job, "savepoint", body.id),
  }),
  post({
    path: "/jobs/{job}/stop",
    summary: "Asks the job to stop with a savepoint, or to drain",
    pathSchema: jobPath,
    bodySchema: stopToAsk,
    answerSchema: asked,
    answer: async ({ store, path: { job }, body }) =>
      await ask(store, job, body.drain === true ? "drain" : "stop", body.id),
  }),
];

async function ask(
  store: ServedStore,
  job: string,
  kind: SavepointRequest["kind"],
  given: string | undefined,
): Promise<{ readonly id: string; readonly generation: number }> {
  checkWrites(store);
  await findGeneration(store, job);
  const id = given ?? savepointNameFor(store.ports, kind);
  const { generation } = await askForSavepoint(store.ports, { job, id, kind });
  return { id, generation };
}
