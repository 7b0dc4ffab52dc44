import { isMillraceError, messageOf } from "../runtime/errors/millrace-error.ts";
import { UsageError } from "./usage-error.ts";

/** What a command says to people or, with --json, to programs. */
export interface Answer {
  readonly json: object | readonly object[];
  readonly text: readonly string[];
}

/** Prints a command's answer; with --json an error stands on standard output too, one object per line. Answers the exit code. */
export async function answering(
  { json }: { readonly json: boolean },
  work: () => Promise<Answer>,
): Promise<number> {
  const answer = await reporting(json, work);
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
      process.stdout.write(`${JSON.stringify(fatal(thrown))}\n`);
    throw thrown;
  }
}

function fatal(thrown: unknown): object {
  const code = isMillraceError(thrown) ? thrown.code : undefined;
  return { type: "error", fatal: true, code, message: messageOf(thrown) };
}
