import type { InputItem } from "../input/input-item.ts";
import { feedDocuments, type FeedOptions } from "./feed-documents.ts";

export interface FeedLinesOptions extends FeedOptions {
  /** Text in pieces of any size, cut anywhere. */
  readonly chunks: AsyncIterable<string>;
}

/** Puts each line that is not empty into a stream as one record; answers how many it put. Memory is bounded by a chunk. */
export function feedLines({ chunks, ...options }: FeedLinesOptions): Promise<number> {
  return feedDocuments({ ...options, items: linesOf(chunks) });
}

/** The lines of each chunk as soon as it is there, without empty ones: a slow pipe is not waited for. */
async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<readonly InputItem[]> {
  let rest = "";
  for await (const chunk of chunks) {
    const lines = `${rest}${chunk}`.split("\n");
    rest = lines.pop() ?? "";
    yield lines.flatMap(itemOf);
  }
  yield itemOf(rest);
}

function itemOf(text: string): readonly InputItem[] {
  return text.trim() === "" ? [] : [{ kind: "document", text, file: "", line: 0 }];
}
