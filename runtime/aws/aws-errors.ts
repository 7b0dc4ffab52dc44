import {
  isMillraceError,
  messageOf,
  storeError,
  type MillraceError,
} from "../errors/millrace-error.ts";

/** What a call was about, for the reader of its error. */
export interface AwsCall {
  /** For example `table "orders"`, `bucket "state"`, `stream "clicks"`. */
  readonly resource: string;
  /** The IAM action, for example `dynamodb:PutItem`. */
  readonly action: string;
}

const throttles = new Set([
  "ProvisionedThroughputExceededException",
  "ThrottlingException",
  "Throttling",
  "ThrottledException",
  "RequestLimitExceeded",
  "RequestThrottled",
  "TooManyRequestsException",
  "LimitExceededException",
  "KMSThrottlingException",
  "SlowDown",
]);

const passing = new Set([
  "TimeoutError",
  "RequestTimeout",
  "RequestTimeoutException",
  "InternalFailure",
  "InternalServerError",
  "ServiceUnavailable",
  "ECONNRESET",
  "ECONNREFUSED",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ERR_STREAM_PREMATURE_CLOSE",
]);

const missing = new Set(["ResourceNotFoundException", "NoSuchBucket"]);

const denied = new Set([
  "AccessDeniedException",
  "AccessDenied",
  "UnrecognizedClientException",
  "InvalidSignatureException",
  "InvalidAccessKeyId",
  "SignatureDoesNotMatch",
  "ExpiredToken",
  "ExpiredTokenException",
  "CredentialsProviderError",
  "KMSAccessDeniedException",
]);

/** Runs a call and throws a StoreError that says which resource failed, whether a retry can help, and what to do. */
export async function calling<T>(about: AwsCall, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw awsStoreError(about, error);
  }
}

/** The StoreError of anything that an SDK client threw; errors of ours pass unchanged. */
export function awsStoreError({ resource, action }: AwsCall, error: unknown): MillraceError {
  if (isMillraceError(error)) return error;
  const names = namesOf(error);
  const is = (known: ReadonlySet<string>) => names.some((name) => known.has(name));
  const said = `${names[0] ?? "Error"}: ${messageOf(error)}`;
  if (is(throttles)) {
    return storeError("store-throttled", {
      message: `AWS throttles ${action} on ${resource} (${said}).`,
      retryable: true,
      cause: error,
    });
  }
  if (is(denied)) {
    return storeError("store-access-denied", {
      message: `${action} on ${resource} was denied (${said}).`,
      next: `Allow ${action} on ${resource} in the role that runs this, and check that its credentials are valid.`,
      cause: error,
    });
  }
  if (is(missing)) {
    return storeError("store-missing", {
      message: `There is no ${resource} in this account and region (${said}).`,
      next: "Deploy the job's stack, and check AWS_REGION and the name that the function was given.",
      cause: error,
    });
  }
  if (is(passing) || statusOf(error) === 429 || statusOf(error) >= 500) {
    return storeError("store-unavailable", {
      message: `${action} on ${resource} got no answer or a failure of the service (${said}).`,
      retryable: true,
      cause: error,
    });
  }
  return storeError("store-refused", {
    message: `${action} on ${resource} was refused (${said}).`,
    cause: error,
  });
}

/** True if the error, by its name or code, is this one of the service. */
export function isNamed(error: unknown, name: string): boolean {
  return namesOf(error).includes(name);
}

/** The HTTP status of the answer, or 0 if there was none. */
export function statusOf(error: unknown): number {
  return (
    (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode ??
    0
  );
}

/** Services put the name into `name`, Node puts its own into `code`. */
function namesOf(error: unknown): readonly string[] {
  const { name, code } = (error ?? {}) as { name?: unknown; code?: unknown };
  return [name, code].filter((candidate) => typeof candidate === "string");
}
