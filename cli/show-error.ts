import { isMillraceError } from "../runtime/errors/millrace-error.ts";
import { UsageError } from "./usage-error.ts";

/** Prints what ended a command: without a stack where it was foreseen. Answers the exit code: 2 for wrong usage, else 1. */
export function showError(thrown: unknown): number {
  if (thrown instanceof UsageError) {
    process.stderr.write(
      `millrace: ${thrown.message}\n  "millrace help" lists commands and options.\n`,
    );
    return 2;
  }
  // The message of a MillraceError ends with what to do next.
  if (isMillraceError(thrown))
    process.stderr.write(`millrace: ${thrown.message} (${thrown.code})\n`);
  else process.stderr.write(`millrace: ${stackOf(thrown)}\n`);
  return 1;
}

function stackOf(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}
