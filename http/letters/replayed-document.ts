import type { KnownJob } from "../found-job.ts";
import type { SourceCompression } from "../../runtime/connectors/decoder.ts";
import { readsStream } from "../../runtime/connectors/sources.ts";
import type { DeadLetter } from "../../runtime/job/dead-letter.ts";
import { ownerOfSlot } from "../../runtime/job/slot-ref.ts";
import type { PlannedSource } from "../../runtime/plan/plan.ts";

/** What came out of a stream, as far as a letter has kept it. */
export interface ReplayedDocument {
  readonly stream?: string;
  readonly text?: string;
  /** How its source expects it. */
  readonly compression?: SourceCompression;
  /** The field that is its partition key; absent where any will do. */
  readonly keyField?: string;
  /** It can't be put again. */
  readonly why?: string;
}

export interface LetterToReplay {
  readonly run: Pick<KnownJob, "plan" | "records">;
  readonly letter: DeadLetter;
  /** The field that was named. */
  readonly key: string | undefined;
}

const inputSlot = "input/";

/** The document of a letter, where it is known and alone is a record of its stream. */
export function replayedDocument({ run, letter, key }: LetterToReplay): ReplayedDocument {
  const { slot, kind, document, payload, cut = [], encoding } = letter;
  if (slot.startsWith(inputSlot)) return { why: "it never was in a stream, and is no record" };
  const source = run.plan.sources.find(({ uid }) => uid === ownerOfSlot(slot));
  if (source === undefined) return { why: "it came over the exchange, without its document" };
  if (!readsStream(source)) return { why: `source ${source.uid} reads no stream` };
  if (kind === "write-refused") return { why: "it is a result, which a store refused" };
  // A document that is the payload itself is kept once; a timer has none.
  const text = document ?? payload;
  if (text === "") return { why: "its document was not kept" };
  if (cut.includes(document === undefined ? "payload" : "document"))
    return { why: "only the beginning of its document was kept" };
  if (encoding !== undefined) return { why: "its document is no text" };
  const keyField = key ?? source.partitionField;
  const why = faultOf(source, keyField) ?? faultOfRecords(source, run);
  if (why !== undefined) return { why };
  const compression = run.records?.[source.uid]?.compression;
  return {
    stream: source.stream,
    text,
    ...(compression !== undefined && { compression }),
    ...(keyField !== undefined && { keyField }),
  };
}

/** The slots of such a source keep state by key: in another shard it would be another key's. */
function faultOf(
  { uid, partitionedBy }: PlannedSource,
  keyField: string | undefined,
): string | undefined {
  if (!partitionedBy || keyField !== undefined) return undefined;
  return `source ${uid} is partitioned by a function: say with --key, or with "key" in a request, which field its records' partition keys are`;
}

/** Of some sources a document alone is no record: it would be read as something else, or passed over. */
function faultOfRecords(
  { uid }: PlannedSource,
  { records }: Pick<KnownJob, "records">,
): string | undefined {
  const known = records?.[uid];
  if (known === undefined)
    return `nobody has written down how source ${uid} reads records: run the job once, then it is`;
  if (known.namesColumns) return `source ${uid} reads rows under a row of names, and it is one row`;
  if (known.hasOwnDecoder)
    return `source ${uid} has a decoder of its own, which made it of a record`;
  if (known.dropsDuplicates) return `source ${uid} drops what it was given before`;
  return undefined;
}
