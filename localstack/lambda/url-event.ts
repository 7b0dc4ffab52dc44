import { randomUUID } from "node:crypto";
import { localAccount } from "../emulators/emulators.ts";
import type { SignedRequest } from "./check-signature.ts";

/** What Lambda hands over of a request to a function's URL: payload format 2.0, of which the path stays as it came. */
export function urlEvent({ method, target, headers, body }: SignedRequest): object {
  const [path = "/", query = ""] = target.split("?");
  const domainName = String(headers["host"] ?? "");
  const texts = Object.entries(headers).map(([name, value]) => [name, [value].flat().join(",")]);
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: query,
    headers: Object.fromEntries(texts) as Record<string, string>,
    requestContext: {
      accountId: localAccount,
      authorizer: { iam: { userArn: `arn:aws:iam::${localAccount}:user/local` } },
      domainName,
      http: { method, path, protocol: "HTTP/1.1", sourceIp: "127.0.0.1" },
      requestId: randomUUID(),
      routeKey: "$default",
      stage: "$default",
    },
    ...(body !== "" && { body: Buffer.from(body).toString("base64") }),
    isBase64Encoded: body !== "",
  };
}
