import { deploymentError, storeError } from "../runtime/errors/millrace-error.ts";
import { readBody } from "../http/read-body.ts";

/** The API of a deployed job: what reads, and what changes something, which may not be there. */
export interface DeployedApi {
  readonly url: string;
  readonly writesUrl?: string | undefined;
  /** Sends a request in the name of whoever is asked for. */
  readonly send: (request: RequestToSign) => Promise<Response>;
}

export interface RequestToSign {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** What the API reads of a request's headers. */
const forwarded = ["accept", "content-type", "last-event-id"];
/** And what a browser reads of an answer's. */
const answered = ["content-type", "cache-control"];

/**
 * Passes a request on and its answer back, a stream of events as it comes.
 * @throws MillraceError `writes-not-allowed`, `body-too-large`, `api-access-denied`, `api-unavailable`
 */
export async function forwardTo(api: DeployedApi, request: Request): Promise<Response> {
  const { method } = request;
  const isRead = method === "GET" || method === "HEAD";
  const base = isRead ? api.url : api.writesUrl;
  if (base === undefined) throw writesNotAllowed();
  const { pathname, search } = new URL(request.url);
  const body = isRead ? "" : await readBody(request);
  const answer = await api
    .send({
      url: urlAt(base, { pathname, search }),
      method,
      headers: someOf(request.headers, forwarded),
      ...(body !== "" && { body }),
      signal: request.signal,
    })
    .catch((cause: unknown) => {
      throw unreachable(base, cause);
    });
  if (isFromApi(answer)) {
    const { status, body: stream } = answer;
    const passed = stream && endingQuietly(stream, request.signal);
    return new Response(passed, { status, headers: someOf(answer.headers, answered) });
  }
  throw await refused(answer, isRead);
}

/** Not resolved as a link would be: a path that begins with "//" names a host there, and what that answers would stand in the console's origin. */
function urlAt(base: string, { pathname, search }: Pick<URL, "pathname" | "search">): URL {
  const url = new URL(base);
  url.pathname = pathname;
  url.search = search;
  return url;
}

/** That a viewer has gone is no error of anybody's. */
function endingQuietly(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { value, done } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (thrown) {
        if (!signal.aborted) throw thrown;
        controller.close();
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

/** Whoever stands before the API answers errors in its own form. */
const isFromApi = ({ ok, headers }: Response): boolean =>
  ok || headers.get("content-type") === "application/problem+json";

function someOf(headers: Headers, names: readonly string[]): Record<string, string> {
  const found = names.map((name) => [name, headers.get(name)] as const);
  return Object.fromEntries(found.filter(([, value]) => value !== null)) as Record<string, string>;
}

async function refused(answer: Response, isRead: boolean): Promise<Error> {
  const said = (await answer.text().catch(() => "")).slice(0, 300);
  if (answer.status !== 403)
    return storeError("api-unavailable", {
      message: `The deployed API answers ${answer.status}: ${said}`,
      next: "Ask again; the log of its function says more.",
      retryable: true,
    });
  return deploymentError("api-access-denied", {
    message: `AWS does not let these credentials ${isRead ? "read" : "change anything"} through the API: ${said}`,
    next: `They need what pipeline.${isRead ? "grantReadApi" : "grantWriteApi"} grants; choose others with --profile.`,
  });
}

const unreachable = (url: string, cause: unknown): Error =>
  storeError("api-unavailable", {
    message: `The deployed API does not answer at ${url}.`,
    next: "Is there a network, and is the job still deployed?",
    retryable: true,
    cause,
  });

const writesNotAllowed = (): Error =>
  deploymentError("writes-not-allowed", {
    message: "The deployment has an API that reads, and none that changes anything.",
    next: "Give its pipeline api: { writes: true }, or use the command line.",
  });
