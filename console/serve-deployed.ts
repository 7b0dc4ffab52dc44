import { Hono } from "hono";
import { answerProblem } from "../http/create-api.ts";
import { consoleFront, type ConsoleFront } from "./console-front.ts";
import { type DeployedApi, forwardTo } from "./forward-request.ts";
import { serveHere, type ServedConsole } from "./serve-here.ts";

export interface ServeDeployed extends Omit<ConsoleFront, "mayWrite"> {
  readonly api: DeployedApi;
  /** Default: 0, one that is free. */
  readonly port?: number;
}

/**
 * Serves the console to this machine only, in front of the API of a deployed job: requests are signed in the name of whoever runs it. A page is given the token that
 * changes need where the deployment takes any.
 * @throws MillraceError `port-in-use`
 */
export async function serveDeployed({
  api,
  port = 0,
  ...page
}: ServeDeployed): Promise<ServedConsole> {
  const app = new Hono();
  for (const middleware of consoleFront({ ...page, mayWrite: api.writesUrl !== undefined }))
    app.use(middleware);
  app.all("*", async ({ req }) => await forwardTo(api, req.raw));
  app.onError((thrown) => answerProblem(thrown));
  return await serveHere({ fetch: app.fetch, port });
}
