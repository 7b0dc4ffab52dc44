import { type Application, buildApplication, ExitCode, version } from "@stricli/core";
import { styleText } from "node:util";
import { packageVersion } from "../bundle/package-folder.ts";
import { routes } from "./commands/routes.ts";
import type { Context } from "./definition/command.ts";
import { commandsOf, type FoundCommand, isGroup } from "./find-command.ts";
import { helpLines } from "./help-text.ts";
import { inWords } from "./in-words.ts";
import { UsageError } from "./usage-error.ts";
import { wordsText } from "./words-text.ts";

/** Where output is no terminal. */
const defaultColumns = 100;
const columnsMax = 120;

/** What was meant may lack letters, have one too many, or two that stand in the wrong order. */
const similar = {
  threshold: 4,
  weights: { insertion: 1, deletion: 3, substitution: 2, transposition: 0 },
};

/** The command line as the library runs it, for words that lead so far. */
export function application(found: FoundCommand, asksForHelp: boolean): Application<Context> {
  return buildApplication<Context>(
    routes,
    {
      name: "millrace",
      scanner: { distanceOptions: similar },
      documentation: { disableAnsiColor: true },
      localization: { text: wordsText(found) },
      determineExitCode: (thrown) =>
        thrown instanceof UsageError ? ExitCode.InvalidArgument : ExitCode.CommandRunError,
    },
    {
      help: {
        flag: {
          brief: "print help",
          global: true,
          aliases: ["h"],
          defaultForRouteMap: true,
          run: () => printHelp(found, asksForHelp),
        },
      },
      version: version({
        brief: "print the version",
        info: { getCurrentVersion: async () => packageVersion() },
      }),
    },
  );
}

/** @throws UsageError where nobody asked, but a command of a group is missing */
function printHelp(found: FoundCommand, asksForHelp: boolean): void {
  const { path, target } = found;
  if (!asksForHelp && path.length > 0 && isGroup(target)) {
    const names = commandsOf(target).map(({ name }) => name);
    throw new UsageError(`"millrace ${path.join(" ")}" takes ${inWords(names)}`);
  }
  const { stdout } = process;
  const lines = helpLines(found, {
    columns: Math.min(stdout.isTTY ? stdout.columns : defaultColumns, columnsMax),
    heading: (text) => styleText("bold", text, { stream: stdout }),
  });
  stdout.write(lines.map((line) => `${line}\n`).join(""));
}
