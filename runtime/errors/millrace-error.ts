import { valueText } from "./value-text.ts";

const domains = ["job", "input", "state", "store", "deployment"] as const;

/** Which part of the world an error speaks of. */
export type ErrorDomain = (typeof domains)[number];

export interface ErrorDetail {
  /** What was wrong, where, and what would be right, in a sentence or two. */
  readonly message: string;
  /** What the reader should do next. */
  readonly next?: string;
  /** The operator that it is about. */
  readonly uid?: string;
  /** Whether the same call may succeed later without a change. Default: false. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

const brand = Symbol.for("millrace.error");

/** The base of every error that a user can see. `code` is stable: programs may branch on it. */
export class MillraceError extends Error {
  override readonly name: string = "MillraceError";
  readonly domain: ErrorDomain;
  readonly code: string;
  readonly retryable: boolean;
  readonly uid: string | undefined;
  readonly next: string | undefined;

  constructor(domain: ErrorDomain, code: string, detail: ErrorDetail) {
    super(detail.next === undefined ? detail.message : `${detail.message}\n  ${detail.next}`, {
      cause: detail.cause,
    });
    this.domain = domain;
    this.code = code;
    this.retryable = detail.retryable ?? false;
    this.uid = detail.uid;
    this.next = detail.next;
    Object.defineProperty(this, brand, { value: true });
  }
}

/** True for errors of any copy of the package in the process. Never throws, whatever it is asked about. */
export function isMillraceError(error: unknown): error is MillraceError {
  if (typeof error !== "object" || error === null) return false;
  try {
    const { domain, [brand]: isBranded } = error as Record<PropertyKey, unknown>;
    return isBranded === true && domains.some((known) => known === domain);
  } catch {
    return false;
  }
}

/** The job itself is wrong: its graph, uids, keys or options. */
export const jobError = (code: string, detail: ErrorDetail): MillraceError =>
  new MillraceError("job", code, detail);
/** A record can't be decoded, or breaks its schema or a bound. */
export const inputError = (code: string, detail: ErrorDetail): MillraceError =>
  new MillraceError("input", code, detail);
/** Persisted state can't be read, or doesn't fit the job. */
export const stateError = (code: string, detail: ErrorDetail): MillraceError =>
  new MillraceError("state", code, detail);
/** A stream, table or object store failed or refused. */
export const storeError = (code: string, detail: ErrorDetail): MillraceError =>
  new MillraceError("store", code, detail);
/** What is deployed is missing something, or doesn't fit. */
export const deploymentError = (code: string, detail: ErrorDetail): MillraceError =>
  new MillraceError("deployment", code, detail);

/** Longer messages are cut: whatever is thrown may hold anything. */
const messageMaxCharacters = 4_000;

/** The message of anything that was thrown. Never throws, and is never long. */
export function messageOf(thrown: unknown): string {
  if (typeof thrown === "object" && thrown !== null) return messageOfObject(thrown);
  return shortened(typeof thrown === "function" ? "a function" : String(thrown));
}

function messageOfObject(thrown: object): string {
  try {
    const message: unknown = thrown instanceof Error ? thrown.message : undefined;
    if (typeof message === "string") return shortened(message);
  } catch {
    // A proxy or a getter of the user's: it is shown as far as it lets itself be.
  }
  return shortened(valueText(thrown, messageMaxCharacters).text);
}

/** A message of at most so many characters, which tells what is missing. */
export function shortened(message: string): string {
  if (message.length <= messageMaxCharacters) return message;
  return `${message.slice(0, messageMaxCharacters)}… (the first ${messageMaxCharacters} of ${message.length} characters)`;
}
