import { readsStream } from "../../runtime/connectors/sources.ts";
import type { Plan } from "../../runtime/plan/plan.ts";
import type { FeedRecord, SourceShard } from "./shape.ts";

/** A file of a folder that a job reads: the records of some producers, each a line. */
export interface FeedFile {
  /** Name of the source's stream: `files:` and the folder. */
  readonly stream: string;
  /** Its split. */
  readonly shardId: string;
  /** Name of the object. */
  readonly key: string;
  readonly lines: readonly FeedLine[];
  readonly content: Uint8Array;
}

interface FeedLine {
  readonly offset: number;
  readonly data: Uint8Array;
}

const filesMax = 4;

/** What of a feed is in files from the beginning, instead of being put into streams: a producer's records are all in one file. */
export function filesOfFeed(plan: Plan, feed: readonly FeedRecord[]): readonly FeedFile[] {
  const folders = new Set(plan.sources.flatMap((one) => (readsStream(one) ? [] : [one.stream])));
  const inFiles = feed.filter(({ stream }) => folders.has(stream));
  const byFile = Map.groupBy(inFiles, ({ stream, partitionKey }) =>
    JSON.stringify([stream, `f${fileNumber(partitionKey)}.jsonl`]),
  );
  return Array.from(byFile, ([place, records]) => {
    const [stream, shardId] = JSON.parse(place) as [string, string];
    const lines: FeedLine[] = [];
    let offset = 0;
    for (const { data } of records) {
      lines.push({ offset, data });
      offset += data.length + 1;
    }
    const content = Buffer.concat(lines.flatMap(({ data }) => [data, newline]));
    const key = `${stream.slice(stream.indexOf(":") + 1)}/${shardId}`;
    return { stream, shardId, key, lines, content: new Uint8Array(content) };
  });
}

/** What of a file lies before a place in it, that included. */
export function takenLines({ shardId, lines }: FeedFile, last: number): SourceShard {
  return { shardId, parents: [], records: lines.filter(({ offset }) => offset <= last) };
}

const newline = new Uint8Array([10]);

function fileNumber(producer: string): number {
  return [...Buffer.from(producer)].reduce((sum, byte) => sum + byte, 0) % filesMax;
}
