import { isMillraceError, messageOf } from "../runtime/errors/millrace-error.ts";
import { asKnownError } from "./file-errors.ts";
import { UsageError } from "./usage-error.ts";
import { whileWaiting } from "./waiting.ts";

/** What a command says to people or, with --json or --csv, to programs. */
export interface Answer {
  readonly json: object | readonly object[];
  readonly text: readonly string[];
  /** Absent where it is no table. */
  readonly csv?: string;
}

export interface AnswerFormat {
  readonly json: boolean;
  readonly csv?: boolean;
}

/**
 * Prints a command's answer; with --json an error stands on standard output too, one object per line. Who waits at a terminal is told
 * how long it has been, from the second second on. Answers the exit code.
 */
export async function answering(
  format: AnswerFormat,
  work: () => Promise<Answer>,
): Promise<number> {
  const { json, csv = false } = format;
  if (json && csv) throw new UsageError("--json and --csv exclude each other.");
  const answer = await whileWaiting(() => reporting(json, work));
  if (csv) {
    if (answer.csv === undefined) throw new UsageError("--csv is for the rows of a table.");
    process.stdout.write(answer.csv);
    return 0;
  }
  const lines = json ? [answer.json].flat().map((object) => JSON.stringify(object)) : answer.text;
  process.stdout.write(lines.map((line) => `${line}\n`).join(""));
  return 0;
}

/** Passes errors on; with --json it prints them before. */
export async function reporting<Result>(
  json: boolean,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (thrown) {
    if (json && !(thrown instanceof UsageError))
      process.stdout.write(`${JSON.stringify(fatal(asKnownError(thrown)))}\n`);
    throw thrown;
  }
}

function fatal(thrown: unknown): object {
  const code = isMillraceError(thrown) ? thrown.code : undefined;
  return { type: "error", fatal: true, code, message: messageOf(thrown) };
}
