import { createHash, createHmac, timingSafeEqual } from "node:crypto";

export interface SignedRequest {
  readonly method: string;
  /** Path and query, as they came. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

export interface SigningIdentity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
}

const form =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;

/**
 * Whether a request is signed for Lambda in the name of an identity, as AWS checks it (AWS IAM user guide, "Signature Version 4 signing
 * process"); its date is not looked at. Answers what is wrong.
 */
export function signatureFault(
  request: SignedRequest,
  { accessKeyId, secretAccessKey, region }: SigningIdentity,
): string | undefined {
  const { headers } = request;
  const found = form.exec(String(headers["authorization"] ?? ""));
  if (found === null) return "it has no signature";
  const [, key, date = "", ofRegion, service, names = "", signature = ""] = found;
  if (key !== accessKeyId) return "nobody is known by this access key";
  if (ofRegion !== region || service !== "lambda") return "it is signed for another service";
  const signed = names.split(";");
  if (!signed.includes("host")) return "its host is not signed";
  const canonical = [
    request.method,
    canonicalPath(request.target),
    canonicalQuery(request.target),
    ...signed.map((name) => `${name}:${String(headers[name] ?? "").trim()}`),
    "",
    names,
    hash(request.body),
  ].join("\n");
  const scope = `${date}/${region}/lambda/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, hash(canonical)].join("\n");
  const signingKey = [date, region, "lambda", "aws4_request"].reduce(
    (last: string | Buffer, part) => mac(last, part),
    `AWS4${secretAccessKey}`,
  );
  const right = mac(signingKey, text);
  return timingSafeEqual(right, Buffer.from(signature, "hex"))
    ? undefined
    : "its signature does not match";
}

const mac = (key: string | Buffer, text: string): Buffer =>
  createHmac("sha256", key).update(text).digest();
const hash = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Without empty parts, and what is escaped in it is escaped once more, for all services but S3. */
const canonicalPath = (target: string): string =>
  target
    .split("?")[0]!
    .replaceAll(/\/{2,}/g, "/")
    .split("/")
    .map(escaped)
    .join("/");

function canonicalQuery(target: string): string {
  const [, query = ""] = target.split("?");
  if (query === "") return "";
  const pairs = query.split("&").map((pair) => {
    const [name = "", value = ""] = pair.split("=");
    return [escaped(decodeURIComponent(name)), escaped(decodeURIComponent(value))] as const;
  });
  return pairs
    .toSorted(([one, value], [other, otherValue]) => order(one, other) || order(value, otherValue))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

const order = (one: string, other: string): number => (one < other ? -1 : Number(one > other));

/** All but the unreserved characters of RFC 3986. */
const escaped = (text: string): string =>
  [...Buffer.from(text)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[A-Za-z0-9._~-]/.test(character)
        ? character
        : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    })
    .join("");
