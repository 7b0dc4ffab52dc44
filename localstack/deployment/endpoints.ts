import { deploymentError } from "../../runtime/errors/millrace-error.ts";

export type Variables = Readonly<Record<string, string | undefined>>;

/** Services whose resources a stack may have, as the SDK spells them in AWS_ENDPOINT_URL_<SERVICE>. */
const services = ["KINESIS", "DYNAMODB", "S3", "CLOUDFORMATION"] as const;
export type Service = (typeof services)[number];

export type Endpoints = Readonly<Partial<Record<Service, string>>>;

/**
 * Where each service is, as the AWS SDK reads it: AWS_ENDPOINT_URL_<SERVICE>, or else AWS_ENDPOINT_URL.
 * @throws deployment error `endpoint-not-local` for anything but this machine: nothing of a local deployment may reach an account.
 */
export function endpointsOf(variables: Variables): Endpoints {
  const endpoints: Partial<Record<Service, string>> = {};
  for (const service of services) {
    const url = variables[`AWS_ENDPOINT_URL_${service}`] ?? variables["AWS_ENDPOINT_URL"];
    if (url === undefined || url === "") continue;
    if (!isLoopback(url))
      throw deploymentError("endpoint-not-local", {
        message: `The endpoint of ${service} is ${url}, which is not on this machine.`,
        next: "Take AWS_ENDPOINT_URL and its kin away, or let them lead to 127.0.0.1.",
      });
    endpoints[service] = url;
  }
  return endpoints;
}

function isLoopback(url: string): boolean {
  const { hostname } = URL.parse(url) ?? { hostname: "" };
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}
