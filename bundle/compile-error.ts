import type { BuildFailure, Message } from "esbuild";
import { deploymentError, messageOf } from "../runtime/errors/millrace-error.ts";

const maxShown = 5;

/** What esbuild threw, as one error with a line for each place. */
export function compileError(thrown: unknown): Error {
  const messages = isBuildFailure(thrown) ? thrown.errors : [];
  const lines = messages.slice(0, maxShown).map(lineOf);
  if (messages.length > maxShown) lines.push(`and ${messages.length - maxShown} more`);
  const what = lines.length === 0 ? messageOf(thrown) : lines.join("\n  ");
  return deploymentError("entry-not-compiled", {
    message: `The job can't be bundled:\n  ${what}`,
    next: "Mend the code at these places; `npx tsc --noEmit` may say more.",
    cause: thrown,
  });
}

/** Columns count from one, as editors show them. */
function lineOf({ location, text }: Message): string {
  if (location === null) return text;
  return `${location.file}:${location.line}:${location.column + 1}: ${text}`;
}

function isBuildFailure(thrown: unknown): thrown is BuildFailure {
  return thrown instanceof Error && Array.isArray((thrown as Partial<BuildFailure>).errors);
}
