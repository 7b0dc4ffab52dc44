import { buildRouteMap } from "@stricli/core";
import { bare } from "../definition/bare.ts";
import { cancel } from "./cancel.ts";
import { checkpoint } from "./checkpoint.ts";
import { completion } from "./completion.ts";
import { console } from "./console.ts";
import { cost } from "./cost.ts";
import { deadletters } from "./deadletters.ts";
import { debug } from "./debug.ts";
import { deploy } from "./deploy.ts";
import { destroy } from "./destroy.ts";
import { dev } from "./dev.ts";
import { diff } from "./diff.ts";
import { doctor } from "./doctor.ts";
import { explain } from "./explain.ts";
import { garbage } from "./garbage.ts";
import { init } from "./init.ts";
import { list } from "./list.ts";
import { logs } from "./logs.ts";
import { metrics } from "./metrics.ts";
import { put } from "./put.ts";
import { query } from "./query.ts";
import { restore } from "./restore.ts";
import { rows } from "./rows.ts";
import { savepoint } from "./savepoint.ts";
import { shadow } from "./shadow.ts";
import { state } from "./state.ts";
import { status } from "./status.ts";
import { stop } from "./stop.ts";
import { tail } from "./tail.ts";
import { watch } from "./watch.ts";

/** All commands, in the order in which help lists them. */
export const routes = buildRouteMap({
  routes: bare({
    init,
    dev,
    console,
    deploy,
    destroy,
    status,
    watch,
    metrics,
    rows,
    query,
    tail,
    put,
    deadletters,
    list,
    logs,
    explain,
    diff,
    cost,
    checkpoint,
    savepoint,
    state,
    debug,
    stop,
    cancel,
    restore,
    shadow,
    garbage,
    doctor,
    completion,
  }),
  docs: { brief: "stateful stream processing without a cluster" },
});
