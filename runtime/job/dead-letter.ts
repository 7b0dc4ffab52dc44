import { messageOf, shortened } from "../errors/millrace-error.ts";
import { valueText } from "../errors/value-text.ts";
import type { TimeWindow } from "../graph/functions.ts";
import type { KeyValue } from "../graph/key-value.ts";
import { UserCodeFailure } from "../operators/contract.ts";
import { thrownPlace } from "./thrown-place.ts";

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
  /** Kind and uid of the operator that refused it, as `millrace explain` prints them, and where it was defined. */
  readonly title?: string;
  readonly definedAt?: string;
  /** Name of the error that user code threw, and the first frame of its stack in the user's code. */
  readonly error?: string;
  readonly thrownAt?: string;
  readonly reason: string;
  /** The write that a store refused after it was committed: into which table or stream, and its order in the slot. */
  readonly write?: {
    readonly target: string;
    readonly kind: "upsert" | "delete" | "append";
    readonly version: number;
    readonly index: number;
  };
  /** The source's document as text where it can't be decoded, else the element as it came to the slot, as JSON; empty for a timer. */
  readonly payload: string;
  /** The payload's bytes are not UTF-8. */
  readonly encoding?: "base64";
  /** The source's document, where the slot is a source's and the document is not the payload itself. */
  readonly document?: string;
  /** The element in front of the operator, as JSON, where it is another than the payload. */
  readonly input?: string;
  /** The key in hand; parts that JSON can't hold are texts. */
  readonly key?: unknown;
  /** The window that could not take the element, or had no result. */
  readonly window?: TimeWindow;
  readonly timer?: DeadTimer;
  /** Which commit sent the element, where it came over the exchange. */
  readonly sentBy?: { readonly slot: string; readonly version: number };
  /** Names of the fields that are the beginning only of what they stand for. */
  readonly cut?: readonly string[];
  readonly timestampMs?: number;
  readonly atMs: number;
}

/** The timer that failed. */
export interface DeadTimer {
  readonly stage: string;
  /** Which of the key's timers: operator, state and entry. */
  readonly name: string;
  readonly key: unknown;
  readonly timeMs: number;
}

/** What a letter says beside its place. */
export type DeadLetterContent = Omit<
  DeadLetter,
  "format" | "job" | "slot" | "sequence" | "element" | "atMs"
>;

export function encodeDeadLetter(letter: DeadLetter): Uint8Array {
  return new TextEncoder().encode(jsonOf(letter));
}

/** Letters that an older version committed may hold bigints. */
function jsonOf(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === "bigint" ? `${item}n` : item,
  );
}

/** Of an element at most this many characters are kept, as JSON. */
const elementMaxCharacters = 262_144;
/** Of a document so many bytes or characters: as large as a record of a stream. */
const documentMax = 1_048_576;

/** A document that can't be decoded. */
export function refusedDocument(reason: string, document: string | Uint8Array): DeadLetterContent {
  const { text, cut, encoding } = documentText(document);
  return {
    kind: "undecodable",
    reason: shortened(reason),
    payload: text,
    ...(encoding !== undefined && { encoding }),
    ...(cut && { cut: ["payload"] }),
  };
}

/** What is kept of an element or a row. */
export function payloadOf(value: unknown): Pick<DeadLetter, "payload" | "cut"> {
  const { text, cut } = valueText(value, elementMaxCharacters);
  return { payload: text, ...(cut && { cut: ["payload"] }) };
}

/** What was in the slot's hand when an operator failed. */
export interface FailedElement {
  readonly value: unknown;
  readonly timestampMs: number;
  /** Of a source's slot. */
  readonly document?: string | Uint8Array;
  readonly sentBy?: DeadLetter["sentBy"];
}

/** An element on which user code fails. */
export function failedElement(error: unknown, element: FailedElement): DeadLetterContent {
  const payload = valueText(element.value, elementMaxCharacters);
  const document = element.document === undefined ? undefined : documentText(element.document);
  const failing = UserCodeFailure.is(error) ? error.site?.element : undefined;
  const input = failing && valueText(failing.value, elementMaxCharacters);
  const isOther = input !== undefined && input.text !== payload.text;
  const cut = [
    ...(payload.cut ? ["payload"] : []),
    ...(document?.cut === true ? ["document"] : []),
    ...(isOther && input.cut ? ["input"] : []),
  ];
  return {
    ...failureContent(error),
    payload: payload.text,
    ...(document !== undefined && document.text !== payload.text && { document: document.text }),
    ...(isOther && { input: input.text }),
    ...(element.sentBy !== undefined && { sentBy: element.sentBy }),
    ...(cut.length > 0 && { cut }),
    timestampMs: element.timestampMs,
  };
}

/** A timer on whose function user code fails. */
export function failedTimer(
  error: unknown,
  timer: DeadTimer & { readonly key: KeyValue },
): DeadLetterContent {
  const failing = UserCodeFailure.is(error) ? error.site?.element : undefined;
  const input = failing && valueText(failing.value, elementMaxCharacters);
  return {
    ...failureContent(error),
    timer: { ...timer, key: shownKey(timer.key) },
    payload: "",
    ...(input !== undefined && { input: input.text }),
    ...(input?.cut === true && { cut: ["input"] }),
  };
}

function failureContent(
  error: unknown,
): Pick<
  DeadLetterContent,
  "kind" | "operator" | "error" | "thrownAt" | "reason" | "key" | "window"
> {
  if (!UserCodeFailure.is(error)) return { kind: "user-code", reason: messageOf(error) };
  const { operator, message, site, window } = error;
  return {
    kind: "user-code",
    operator,
    ...thrownPlace(error.cause),
    reason: message,
    ...(site?.key !== undefined && { key: shownKey(site.key) }),
    ...(window !== undefined && { window }),
  };
}

/** A key as JSON: a bigint is shown as it is written in code, `5n`. */
function shownKey(key: KeyValue): unknown {
  if (typeof key === "bigint") return `${key}n`;
  if (typeof key === "number" && !Number.isFinite(key)) return String(key);
  if (typeof key !== "object") return key;
  if (Array.isArray(key)) return (key as readonly KeyValue[]).map(shownKey);
  return Object.fromEntries(Object.entries(key).map(([name, part]) => [name, shownKey(part)]));
}

function documentText(document: string | Uint8Array): {
  readonly text: string;
  readonly cut: boolean;
  readonly encoding?: "base64";
} {
  const cut = document.length > documentMax;
  return typeof document === "string"
    ? { text: cut ? document.slice(0, documentMax) : document, cut }
    : { text: base64(document.subarray(0, documentMax)), cut, encoding: "base64" };
}

function base64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
