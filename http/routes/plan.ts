import * as z from "zod/mini";
import { findRun } from "../found-job.ts";
import { operatorOf } from "../operator-view.ts";
import { planView } from "../plan-view.ts";
import { get, type Route } from "../route.ts";
import { jobPath, name } from "../schemas/common.ts";
import { operator, plan } from "../schemas/plan.ts";

export const planRoutes: readonly Route[] = [
  get({
    path: "/jobs/{job}/plan",
    summary: "What the job consists of: stages, operators and the edges between them",
    pathSchema: jobPath,
    answerSchema: plan,
    answer: async ({ store, path }) => planView(await findRun(store, path.job)),
  }),
  get({
    path: "/jobs/{job}/operators/{operator}",
    summary: "An operator, over all slots and in each, by its name or its uid",
    pathSchema: z.extend(jobPath, { operator: name }),
    answerSchema: operator,
    answer: async ({ store, path }) =>
      operatorOf(await findRun(store, path.job), path.operator, store.ports.clock.nowMs()),
  }),
];
