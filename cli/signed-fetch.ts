import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import type { DeployedApi, RequestToSign } from "../console/forward-request.ts";

export interface SigningOptions {
  readonly region: string;
  readonly credentials: ConstructorParameters<typeof SignatureV4>[0]["credentials"];
}

/** Sends requests to URLs of functions, signed by SigV4 as Lambda checks it. */
export function signedFetch({ region, credentials }: SigningOptions): DeployedApi["send"] {
  const signer = new SignatureV4({ service: "lambda", region, credentials, sha256: Sha256 });
  return async ({ url, method, headers, body, signal }) => {
    const query = parametersOf(url);
    const signed = await signer.sign({
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query,
      headers: { ...signedHeaders(headers), host: url.host },
      ...(body !== undefined && { body }),
    });
    const { host: _, ...sent } = signed.headers;
    // Written as it was signed: "+" stands for a space to some, and for itself to others.
    const target = new URL(url);
    target.search = queryText(query);
    return await fetch(target, {
      method,
      headers: { ...headers, ...sent },
      ...(body !== undefined && { body }),
      redirect: "error",
      signal,
    });
  };
}

/** The others may be changed on the way. */
function signedHeaders({ "content-type": type }: RequestToSign["headers"]): Record<string, string> {
  return type === undefined ? {} : { "content-type": type };
}

type Query = Readonly<Record<string, string[]>>;

function parametersOf({ searchParams }: URL): Record<string, string[]> {
  return Object.fromEntries(
    [...searchParams.keys()].map((name) => [name, searchParams.getAll(name)]),
  );
}

function queryText(query: Query): string {
  const pairs = Object.entries(query).flatMap(([name, values]) =>
    values.map((value) => `${escaped(name)}=${escaped(value)}`),
  );
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
}

/** As SigV4 wants it (RFC 3986). */
const escaped = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

type Source = string | ArrayBuffer | ArrayBufferView;

/** Node's own, as the signer takes it. */
class Sha256 {
  readonly #hash: Hash | Hmac;
  constructor(secret?: Source) {
    this.#hash =
      secret === undefined ? createHash("sha256") : createHmac("sha256", bytesOf(secret));
  }
  update(data: Source): void {
    this.#hash.update(bytesOf(data));
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

const bytesOf = (source: Source): Uint8Array => {
  if (typeof source === "string") return Buffer.from(source);
  return ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);
};
