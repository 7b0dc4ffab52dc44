import { messageOf } from "../errors/millrace-error.ts";
import { UserCodeFailure } from "../operators/contract.ts";

/** What could not be processed, as it is written to the object store: JSON (docs/dead-letters.md). */
export interface DeadLetter {
  readonly format: 1;
  readonly job: string;
  readonly slot: string;
  /** Place of the record in its shard and of the element in the record. */
  readonly sequence: string;
  readonly element: number;
  readonly kind: "undecodable" | "user-code" | "write-refused";
  /** The operator that failed, for user code. */
  readonly operator?: string;
  readonly reason: string;
  /**
   * The timer that failed, where it was one: stage, which of the key's timers (operator, state and entry), key, and time in
   * milliseconds.
   */
  readonly timer?: {
    readonly stage: string;
    readonly name: string;
    readonly key: unknown;
    readonly timeMs: number;
  };
  /** The write that a store refused after it was committed: into which table or stream, and its order in the slot. */
  readonly write?: {
    readonly target: string;
    readonly kind: "upsert" | "delete" | "append";
    readonly version: number;
    readonly index: number;
  };
  /** The document as text, or the element as JSON. */
  readonly payload: string;
  readonly timestampMs?: number;
  readonly atMs: number;
}

export function encodeDeadLetter(letter: DeadLetter): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(letter));
}

/** A payload of at most this many characters is kept. */
const payloadMaxLength = 262_144;

export function payloadText(value: unknown): string {
  const text = typeof value === "string" ? value : (safeJson(value) ?? String(value));
  return text.slice(0, payloadMaxLength);
}

export function describeFailure(thrown: unknown): {
  readonly operator?: string;
  readonly reason: string;
} {
  if (thrown instanceof UserCodeFailure)
    return { operator: thrown.operator, reason: thrown.message };
  return { reason: messageOf(thrown) };
}

function safeJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value, (_, item: unknown) =>
      typeof item === "bigint" ? item.toString() : item,
    );
  } catch {
    return undefined;
  }
}
