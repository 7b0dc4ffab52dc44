import type { Hono } from "hono";
import { streamHandle } from "hono/aws-lambda";
import { createApi } from "../../http/create-api.ts";
import type { ServedStore } from "../../http/served-store.ts";
import { deployedStore } from "./deployed-store.ts";
import { endInTime } from "./end-in-time.ts";
import { writesOnly } from "./writes-only.ts";

/** The API of a deployed job behind a function's URL, whose answers are streamed: made once per environment. Lambda has checked who asks. */
export const createApiHandler = (): ReturnType<typeof streamHandle> =>
  streamHandle(deployedApi(deployedStore(process.env)));

/** The API in one of its two functions: the one that reads, or the one that changes what it is asked to. */
export function deployedApi(store: ServedStore): Hono {
  const { clock, telemetry } = store.ports;
  const before = store.allowWrites ? [writesOnly(telemetry)] : [endInTime({ clock })];
  return createApi(store, { before });
}
