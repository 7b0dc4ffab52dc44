import type { Route } from "../route.ts";
import { checkpointRoutes } from "./checkpoints.ts";
import { deadLetterRoutes } from "./dead-letters.ts";
import { historyRoutes } from "./history.ts";
import { jobRoutes } from "./jobs.ts";
import { metricRoutes } from "./metrics.ts";
import { planRoutes } from "./plan.ts";
import { savepointRoutes } from "./savepoints.ts";
import { stateRoutes } from "./state.ts";
import { tableRoutes } from "./tables.ts";

/** Everything that the API answers, in the order in which its document lists it. */
export const routes: readonly Route[] = [
  ...jobRoutes,
  ...planRoutes,
  ...checkpointRoutes,
  ...savepointRoutes,
  ...historyRoutes,
  ...deadLetterRoutes,
  ...stateRoutes,
  ...tableRoutes,
  ...metricRoutes,
];
