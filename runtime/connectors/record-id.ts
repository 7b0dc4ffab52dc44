import { isFields } from "../serde/fields.ts";
/** Which of a job's records this is: the same however often it is sent. */
export interface RecordId {
  /** Job and slot that wrote it. */
  readonly slot: string;
  readonly generation: number;
  /** Version of the slot's commit that it belongs to. */
  readonly version: number;
  /** Its place in the commit. */
  readonly index: number;
}

export interface AppendedRecord {
  readonly id: RecordId;
  readonly value: unknown;
}

/** A record as a Millrace sink appends it: `{"millrace":{"slot":…,"generation":…,"version":…,"index":…},"value":…}`, UTF-8. */
export function encodeAppended(id: RecordId, value: unknown): Uint8Array {
  const { slot, generation, version, index } = id;
  return new TextEncoder().encode(
    JSON.stringify({ millrace: { slot, generation, version, index }, value }),
  );
}

/** Takes a parsed JSON document apart; undefined where it is not a record of a Millrace sink. */
export function decodeAppended(json: unknown): AppendedRecord | undefined {
  if (!isFields(json) || !isFields(json["millrace"]) || !("value" in json)) return undefined;
  const { slot, generation, version, index } = json["millrace"];
  if (typeof slot !== "string") return undefined;
  if (!isCount(generation) || !isCount(version) || !isCount(index)) return undefined;
  return { id: { slot, generation, version, index }, value: json["value"] };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

export {
  duplicateFilter,
  type DuplicateFilter,
  type DuplicateFilterState,
} from "./duplicate-filter.ts";
