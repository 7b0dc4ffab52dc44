import { inputError } from "../runtime/errors/millrace-error.ts";

export interface Unreadable {
  /** What is wrong with it, as the second half of a sentence. */
  readonly what: string;
  readonly next: string;
  /** Line at which it is, from 1. */
  readonly line?: number;
  /** How that line begins. */
  readonly beginning?: string;
  readonly cause?: unknown;
}

const shownMax = 80;

/** A file of input that can't be read: `input-unreadable`. */
export function unreadable(
  file: string,
  { what, next, line, beginning, cause }: Unreadable,
): Error {
  const where = `${file === "-" ? "standard input" : file}${line === undefined ? "" : `, line ${line}`}`;
  const shown =
    beginning === undefined ? "" : ` It begins ${JSON.stringify(shortened(beginning))}.`;
  return inputError("input-unreadable", { message: `${where}: ${what}.${shown}`, next, cause });
}

function shortened(text: string): string {
  const [line = ""] = text.split(/\r?\n/, 1);
  return line.length > shownMax ? `${line.slice(0, shownMax)}…` : line;
}
