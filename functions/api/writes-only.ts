import type { MiddlewareHandler } from "hono";
import { inputError } from "../../runtime/errors/millrace-error.ts";
import type { Telemetry } from "../../runtime/ports/index.ts";

/** What Lambda says of who has signed a request to a function's URL. */
export interface SignedBindings {
  readonly requestContext?: {
    readonly authorizer?: { readonly iam?: { readonly userArn?: string } };
  };
}

/** The function that changes things may read less than the one that reads: it is asked for nothing else. And who has asked it for what is logged. */
export const writesOnly =
  ({ log }: Pick<Telemetry, "log">): MiddlewareHandler<{ Bindings: SignedBindings }> =>
  async (context, next) => {
    const { method, path } = context.req;
    if (method !== "POST")
      throw inputError("method-not-allowed", {
        message: `What changes something is asked for here, and ${method.slice(0, 20)} reads.`,
        next: "Send it to the URL of the function that reads.",
      });
    await next();
    const caller = context.env.requestContext?.authorizer?.iam?.userArn;
    const status = context.res.status;
    log("info", "Something was asked for", { path, status, ...(caller && { caller }) });
  };
