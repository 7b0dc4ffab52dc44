import type { Route } from "../route.ts";
import { checkpointRoutes } from "./checkpoints.ts";
import { deadLetterRoutes } from "./dead-letters.ts";
import { historyRoutes } from "./history.ts";
import { jobRoutes } from "./jobs.ts";
import { planRoutes } from "./plan.ts";
import { savepointRoutes } from "./savepoints.ts";
import { tableRoutes } from "./tables.ts";

/** Everything that the API answers, in the order in which its document lists it. */
export const routes: readonly Route[] = [
  ...jobRoutes,
  ...planRoutes,
  ...checkpointRoutes,
  ...savepointRoutes,
  ...historyRoutes,
  ...deadLetterRoutes,
  ...tableRoutes,
];
