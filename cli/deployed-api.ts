import type { DeployedApi } from "../console/forward-request.ts";
import { deployedVariables } from "./deployment-outputs.ts";
import type { StoreValues } from "./store-options.ts";
import { UsageError } from "./usage-error.ts";

/**
 * The API that stands in front of a deployed job, where it has one and nothing else is named: it is asked in the name of whoever the AWS SDK finds.
 * @throws UsageError where outputs name a URL that is no function's
 */
export async function deployedApi(values: StoreValues): Promise<DeployedApi | undefined> {
  if (values.dir !== undefined || values.table !== undefined) return undefined;
  const variables = deployedVariables(values);
  const { MILLRACE_API_URL: url, MILLRACE_API_WRITES_URL: writesUrl } = variables;
  if (url === undefined || url === "") return undefined;
  for (const one of [url, writesUrl]) checkUrl(one);
  const region = values.region ?? variables["AWS_REGION"];
  // The AWS SDK takes a while to load: only for those who need it.
  const { LambdaClient } = await import("@aws-sdk/client-lambda");
  const { signedFetch } = await import("./signed-fetch.ts");
  const { config } = new LambdaClient(region === undefined ? {} : { region });
  const send = signedFetch({ region: await config.region(), credentials: config.credentials });
  return { url, writesUrl, send };
}

const functionUrl = /^https:\/\/[a-z0-9]+\.lambda-url\.[a-z0-9-]+\.on\.aws\/?$/;
const localUrl = /^http:\/\/127\.0\.0\.1:\d+\/?$/;

/** A session's token goes where the requests go. */
function checkUrl(url: string | undefined): void {
  if (url === undefined || functionUrl.test(url) || localUrl.test(url)) return;
  throw new UsageError(
    `the outputs name the API ${url.slice(0, 200)}, which is no function's URL.`,
  );
}
