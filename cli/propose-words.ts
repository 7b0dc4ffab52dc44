import { proposeCompletions } from "@stricli/core";
import { application } from "./application.ts";
import { findCommand, isGroup } from "./find-command.ts";

/** The word by which the scripts of shells ask for proposals. No command can have this name. */
export const proposeWord = "__propose";

/** What may stand in the place of the last word, which may be begun: each with what it is, behind a tab. */
export async function proposeWords(words: readonly string[]): Promise<readonly string[]> {
  const partial = words[words.length - 1] ?? "";
  const { target } = findCommand(words.slice(0, -1));
  const found = { path: [], target };
  const { stdout, stderr, env } = process;
  const context = { process: { stdout, stderr, env }, behindDashes: [] };
  const proposed = await proposeCompletions(application(found, false), words, context);
  // Options come with their hyphen: without, a command's own arguments are meant, of which most are files.
  const takesArguments =
    !isGroup(target) &&
    target.parameters.positional?.kind === "tuple" &&
    target.parameters.positional.parameters.length > 0;
  const shown = proposed.filter(
    ({ kind }) => kind !== "argument:flag" || partial.startsWith("-") || !takesArguments,
  );
  return [
    ...shown.map(({ completion, brief }) => `${completion}\t${brief}`),
    ...("--help".startsWith(partial) && partial !== "" ? ["--help\tprint help"] : []),
  ];
}
