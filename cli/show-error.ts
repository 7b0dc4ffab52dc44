import { styleText } from "node:util";
import { isMillraceError } from "../runtime/errors/millrace-error.ts";
import { asKnownError } from "./file-errors.ts";
import { usageExitCode } from "./exit-codes.ts";
import { UsageError } from "./usage-error.ts";

/** Prints what ended the process: without a stack where it was foreseen. Answers the exit code: 2 for wrong usage, else 1. */
export function showError(thrown: unknown): number {
  process.stderr.write(`${errorText(thrown)}\n`);
  return thrown instanceof UsageError ? usageExitCode : 1;
}

/** What is said of an error: without a stack where it was foreseen. */
export function errorText(thrown: unknown): string {
  if (thrown instanceof UsageError) return markedText(thrown.message);
  const known = asKnownError(thrown);
  // The message of a MillraceError ends with what to do next.
  if (isMillraceError(known)) return markedText(`${known.message} (${known.code})`);
  return markedText(stackOf(known));
}

/** Says who speaks: in red, where standard error is a terminal and NO_COLOR is not set. */
export function markedText(text: string): string {
  return `${styleText("red", "millrace:", { stream: process.stderr })} ${text}`;
}

function stackOf(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}
