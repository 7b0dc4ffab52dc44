import { decodeAppended, type RecordId } from "../../connectors/record-id.ts";
import type { MadeDocument, RecordDocument } from "../../connectors/source-spec.ts";
import { sourceSpecOf } from "../../connectors/sources.ts";
import { inputError, messageOf } from "../../errors/millrace-error.ts";
import type { SourceNode } from "../../graph/node.ts";
import { synchronous } from "../../graph/synchronous.ts";
import type { Ports, StreamRecord } from "../../ports/index.ts";
import { eventTimeMs } from "./event-time.ts";

/** One document of a record: an element, or why there is none. */
export type Decoded = {
  /** What the record held; its bytes where these are no text. */
  readonly document: string | Uint8Array;
} & (
  | {
      readonly ok: true;
      readonly value: unknown;
      readonly timestampMs: number;
      /** Of a record that a Millrace sink appended, where the source drops duplicates. */
      readonly id?: RecordId;
    }
  | { readonly ok: false; readonly reason: string }
);

/** What a record holds. */
type Documents = readonly RecordDocument[];

/** Takes a source's records apart. Never throws; what is refused says why. */
export interface SourceDecoder {
  documentsOf(record: StreamRecord): Documents;
  /**
   * Document to schema to timestamp, each when its turn comes: what user code does with the next one can't change the one
   * before.
   */
  decode(document: RecordDocument, record: StreamRecord): Decoded;
}

export function sourceDecoder(
  node: SourceNode,
  ports: Pick<Ports, "decompression">,
): SourceDecoder {
  const { source, watermarks } = node;
  const validate = source.schema["~standard"].validate;
  const { split, parse } = sourceSpecOf(source).documents(source, ports);

  function decodeDocument(document: string | MadeDocument, { arrivalMs }: StreamRecord): Decoded {
    try {
      const parsed = typeof document === "string" ? parse(document) : document.value;
      const appended = source.dropDuplicates ? decodeAppended(parsed) : undefined;
      const result = validate(appended === undefined ? parsed : appended.value);
      if (result instanceof Promise) throw asynchronousSchema(node.uid, result);
      if (result.issues !== undefined) return undecodable(describeIssues(result.issues), document);
      const timestampMs = timeOf(watermarks, result.value, arrivalMs);
      if (typeof timestampMs === "string") return undecodable(timestampMs, document);
      const value = elementOf(result.value, timestampMs, document);
      return appended === undefined ? value : { ...value, id: appended.id };
    } catch (thrown) {
      return undecodable(messageOf(thrown), document);
    }
  }

  return {
    documentsOf(record) {
      try {
        return split(record);
      } catch (thrown) {
        return refused(record, messageOf(thrown));
      }
    },
    decode: (document, record) =>
      typeof document !== "string" && document.kind === "refused"
        ? { ok: false, reason: document.reason, document: document.document }
        : decodeDocument(document, record),
  };
}

function elementOf(
  value: unknown,
  timestampMs: number,
  document: string | MadeDocument,
): Decoded & { readonly ok: true } {
  if (typeof document === "string") return { ok: true, value, timestampMs, document };
  // Written out for a dead letter only.
  return {
    ok: true,
    value,
    timestampMs,
    get document() {
      return document.shown();
    },
  };
}

function undecodable(reason: string, document: string | MadeDocument): Decoded {
  return {
    ok: false,
    reason,
    document: typeof document === "string" ? document : document.shown(),
  };
}

/** A record of which no document is taken, and why. */
export function refused({ data }: StreamRecord, reason: string): Documents {
  try {
    const document = new TextDecoder("utf-8", { fatal: true }).decode(data);
    return [{ kind: "refused", reason, document }];
  } catch {
    return [{ kind: "refused", reason, document: data }];
  }
}

/** An element's event time in milliseconds; a text says why it has none. */
function timeOf(
  { timestamp, maxAheadMs, beyondMaxAhead }: SourceNode["watermarks"],
  value: unknown,
  arrivalMs: number,
): number | string {
  if (timestamp === undefined) return arrivalMs;
  const timeMs = eventTimeMs(synchronous(timestamp(value), "timestamp"));
  if (typeof timeMs === "string" || maxAheadMs === undefined) return timeMs;
  const latestMs = arrivalMs + maxAheadMs;
  if (timeMs <= latestMs || beyondMaxAhead === "clamp") return Math.min(timeMs, latestMs);
  return `its timestamp is ${timeMs}, ${timeMs - arrivalMs} ms ahead of its arrival: more than maxAhead`;
}

function describeIssues(
  issues: readonly { readonly message: string; readonly path?: readonly unknown[] | undefined }[],
): string {
  return issues
    .slice(0, 5)
    .map(({ message, path }) => {
      const steps = (path ?? []).map((step) =>
        typeof step === "object" && step !== null && "key" in step
          ? String(step.key)
          : String(step),
      );
      return steps.length === 0 ? message : `${steps.join(".")}: ${message}`;
    })
    .join("; ");
}

function asynchronousSchema(uid: string, answer: Promise<unknown>): Error {
  // What it fails with later has no one to tell.
  answer.catch(() => undefined);
  return inputError("schema-asynchronous", {
    uid,
    message: `The schema of source "${uid}" answers with a promise.`,
    next: "Use a schema without asynchronous checks; look things up with an operator instead.",
  });
}
