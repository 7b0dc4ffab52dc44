import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";

export interface S3ServerOptions {
  /** Keys of one page of a list. Default: 1,000, as S3's. */
  readonly pageKeysMax?: number;
}

export interface S3Server {
  readonly server: Server;
  /** The next `times` puts are answered with 409 ConditionalRequestConflict. */
  conflict(times: number): void;
  /** The next `times` calls of any kind are answered with 503 SlowDown. */
  slowDown(times: number): void;
  /** Every call is answered with 403 AccessDenied. */
  denyAll(denied: boolean): void;
}

/**
 * A double of S3 for one process's tests: PUT with `If-None-Match: *`, GET with `Range`, DeleteObjects and ListObjectsV2 of path-style
 * buckets, as the S3 API reference words them, in memory, without authentication. It is not an emulator: the same suite
 * runs against emulators in test/localstack. The bucket `missing` doesn't exist; every other does.
 */
export function s3Server({ pageKeysMax = 1_000 }: S3ServerOptions = {}): S3Server {
  const objects = new Map<string, Buffer>();
  const faults = { conflicts: 0, slowDowns: 0, denied: false };
  const answer = async (request: IncomingMessage): Promise<Answer> => {
    const body = await buffer(request);
    const url = new URL(request.url!, "http://s3");
    const [, bucket = "", ...rest] = url.pathname.split("/").map(decodeURIComponent);
    const object = `${bucket}/${rest.join("/")}`;
    if (faults.denied) return failure(403, "AccessDenied");
    if (faults.slowDowns > 0) return (faults.slowDowns--, failure(503, "SlowDown"));
    if (bucket === "missing") return failure(404, "NoSuchBucket");
    if (request.method === "PUT") return put(objects, { object, body, request, faults });
    if (url.searchParams.has("delete")) return deleteMany(objects, bucket, body);
    if (url.searchParams.get("list-type") === "2")
      return list(objects, { bucket, url, pageKeysMax });
    const found = objects.get(object);
    return found === undefined ? failure(404, "NoSuchKey") : get(found, request.headers.range);
  };
  const server = createServer(
    (request, response) => void answer(request).then((given) => send(response, given)),
  );
  return {
    server,
    conflict: (times) => void (faults.conflicts = times),
    slowDown: (times) => void (faults.slowDowns = times),
    denyAll: (denied) => void (faults.denied = denied),
  };
}

interface Answer {
  readonly status: number;
  readonly body?: Buffer | string;
}

/** A range begins within the object, or is not satisfiable (RFC 9110, 14.4); where it ends behind it, there is less. */
function get(found: Buffer, range: string | undefined): Answer {
  if (range === undefined) return { status: 200, body: found };
  const [from = 0, to = 0] = range.slice("bytes=".length).split("-").map(Number);
  if (from >= found.length) return failure(416, "InvalidRange");
  return { status: 206, body: found.subarray(from, to + 1) };
}

interface Put {
  readonly object: string;
  readonly body: Buffer;
  readonly request: IncomingMessage;
  readonly faults: { conflicts: number };
}

function put(objects: Map<string, Buffer>, { object, body, request, faults }: Put): Answer {
  if (faults.conflicts > 0) {
    faults.conflicts--;
    return failure(409, "ConditionalRequestConflict");
  }
  if (request.headers["if-none-match"] === "*" && objects.has(object))
    return failure(412, "PreconditionFailed");
  objects.set(object, body);
  return { status: 200 };
}

interface List {
  readonly bucket: string;
  readonly url: URL;
  readonly pageKeysMax: number;
}

function list(objects: ReadonlyMap<string, Buffer>, { bucket, url, pageKeysMax }: List): Answer {
  const prefix = `${bucket}/${url.searchParams.get("prefix") ?? ""}`;
  const after = url.searchParams.get("continuation-token") ?? "";
  const keys = [...objects.keys()]
    .filter((object) => object.startsWith(prefix))
    .map((object) => object.slice(bucket.length + 1))
    .filter((key) => Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0)
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const page = keys.slice(0, pageKeysMax);
  const truncated = page.length < keys.length;
  const token = truncated
    ? `<NextContinuationToken>${escape(page.at(-1)!)}</NextContinuationToken>`
    : "";
  const contents = page.map((key) => `<Contents><Key>${escape(key)}</Key></Contents>`).join("");
  return {
    status: 200,
    body: `<?xml version="1.0"?><ListBucketResult><IsTruncated>${truncated}</IsTruncated>${token}${contents}</ListBucketResult>`,
  };
}

const escape = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

const failure = (status: number, code: string): Answer => ({
  status,
  body: `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`,
});

function send(response: ServerResponse, { status, body }: Answer): void {
  const type = typeof body === "string" ? "application/xml" : "application/octet-stream";
  response.writeHead(status, { "content-type": type });
  response.end(body);
}

/** Refuses more than a thousand, as S3 does; an object whose key holds "locked" is not deleted. */
function deleteMany(objects: Map<string, Buffer>, bucket: string, body: Buffer): Answer {
  const keys = [...body.toString().matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key]) =>
    unescaped(key!),
  );
  if (keys.length > 1_000) return failure(400, "MalformedXML");
  const locked = keys.filter((key) => key.includes("locked"));
  for (const key of keys) if (!locked.includes(key)) objects.delete(`${bucket}/${key}`);
  const errors = locked.map(
    (key) => `<Error><Key>${key}</Key><Code>AccessDenied</Code><Message>Denied</Message></Error>`,
  );
  return { status: 200, body: Buffer.from(`<DeleteResult>${errors.join("")}</DeleteResult>`) };
}

const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', amp: "&" };

const unescaped = (text: string): string =>
  text.replaceAll(/&(lt|gt|quot|amp);/g, (_, name: string) => entities[name]!);
