import { Readable } from "node:stream";

/** What a function that streams an HTTP answer says before its body. */
export interface HttpPrelude {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly rest: Readable;
}

/** So many zeros stand between the prelude, which is JSON, and the body (`application/vnd.awslambda.http-integration-response`). */
const delimiter = Buffer.alloc(8);

/** @throws where the stream ends before its body begins */
export async function readPrelude(streamed: Readable): Promise<HttpPrelude> {
  // What is not read to its end is left as it is: it belongs to the function, which goes on.
  const chunks = streamed.iterator({ destroyOnReturn: false }) as AsyncIterableIterator<Buffer>;
  let read: Buffer = Buffer.alloc(0);
  for (;;) {
    const end = read.indexOf(delimiter);
    if (end !== -1) {
      const { statusCode = 200, headers = {} } = JSON.parse(
        read.subarray(0, end).toString(),
      ) as Partial<HttpPrelude>;
      const rest = Readable.from(following(read.subarray(end + delimiter.length), chunks));
      return { statusCode, headers, rest };
    }
    const { value, done } = await chunks.next();
    if (done === true) throw new Error("The answer ended before its body.");
    read = Buffer.concat([read, value]);
  }
}

/** An error of whoever takes them is none of the function's either: it is not passed on. */
async function* following(
  first: Buffer,
  chunks: AsyncIterableIterator<Buffer>,
): AsyncGenerator<Buffer> {
  try {
    if (first.length > 0) yield first;
    for (;;) {
      const { value, done } = await chunks.next();
      if (done === true) return;
      yield value;
    }
  } finally {
    await chunks.return?.();
  }
}
