import { routes } from "../../../cli/commands/routes.ts";
import { storeOptionDefinitions } from "../../../cli/commands/store-options.ts";
import type { DefinedCommand } from "../../../cli/definition/command.ts";
import { commandsOf, isGroup } from "../../../cli/find-command.ts";
import {
  argumentEntries,
  type HelpEntry,
  optionEntries,
  usageLine,
} from "../../../cli/option-entries.ts";
import { jsonTypes } from "./json-types.ts";

interface Section {
  readonly path: readonly string[];
  readonly command: DefinedCommand;
}

const sections: readonly Section[] = commandsOf(routes).flatMap(({ name, target }) =>
  isGroup(target)
    ? commandsOf(target).flatMap((inner) =>
        isGroup(inner.target) ? [] : [{ path: [name, inner.name], command: inner.target }],
      )
    : [{ path: [name], command: target }],
);

/** Names of the options by which a store is found, and its answer printed: they are explained once. */
const shared = new Set(Object.keys(storeOptionDefinitions));
const hasShared = ({ parameters }: DefinedCommand): boolean =>
  [...shared].every((name) => name in (parameters.flags ?? {}));

/** `docs/cli.md`, made of the definitions that parse. */
export function cliPage(): string {
  const { help, parameters } = sections.find(({ command }) => hasShared(command))!.command;
  const store = optionEntries({ parameters, help } as DefinedCommand).filter(isShared);
  return [
    "# Command line",
    "",
    "This page is written by `npm run docs:cli` from the definitions that parse the words and print `millrace <command> --help`.",
    "",
    "`millrace completion bash`, `zsh` or `fish` prints what makes the shell complete commands, options and their words. Colour is for terminals only, and not where `NO_COLOR` is set.",
    "",
    "| exit code | means |",
    "|---|---|",
    "| 0 | done |",
    "| 1 | failed; standard error says why, with a [code](codes.md) |",
    "| 2 | the words could not be understood |",
    "| 3 | `dev`: done, but for records that were refused |",
    "| 130 | interrupted |",
    "",
    "`deploy` and `destroy` end with the exit code of the CDK where it fails.",
    "",
    "| command | does |",
    "|---|---|",
    ...sections.map(
      ({ path, command }) =>
        `| [\`${path.join(" ")}\`](#${anchorOf(path)}) | ${cell(command.brief)} |`,
    ),
    "",
    "## JSON",
    "",
    "With `--json` standard output has one JSON object per line and nothing else. `type` tells lines apart; times are ms since 1970, a watermark is such a number, `none` or `end`. `explain --json` prints one document, the plan.",
    "",
    "| type | of | fields |",
    "|---|---|---|",
    ...Object.entries(jsonTypes).map(
      ([type, [commands, fields]]) => `| \`${type}\` | ${commands} | ${fields} |`,
    ),
    "",
    "## Where the job is",
    "",
    "Options of all commands about a job's store:",
    "",
    ...tableOf(store, "option"),
    ...sections.flatMap(sectionLines),
    "",
  ].join("\n");
}

const isShared = ({ name }: HelpEntry): boolean =>
  shared.has((name.split(" ")[0] ?? "").replace("--", ""));

const anchorOf = (path: readonly string[]): string => ["millrace", ...path].join("-");

function sectionLines({ path, command }: Section): readonly string[] {
  const name = ["millrace", ...path].join(" ");
  const { brief, notes, examples } = command.help;
  const all = optionEntries(command);
  const own = hasShared(command) ? all.filter((entry) => !isShared(entry)) : all;
  return [
    "",
    `## millrace ${path.join(" ")}`,
    "",
    `\`${usageLine(path, command)}\`: ${brief}.`,
    ...notes.flatMap((note) => ["", cell(note)]),
    ...section(tableOf(argumentEntries(command), "argument")),
    ...section(tableOf(own, "option")),
    ...(hasShared(command) ? ["", "And [where the job is](#where-the-job-is)."] : []),
    "",
    "```sh",
    ...examples.flatMap(({ line, effect }) => [`# ${effect}`, `${name} ${line}`]),
    "```",
  ];
}

const section = (lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ["", ...lines];

const tableOf = (entries: readonly HelpEntry[], head: string): readonly string[] =>
  entries.length === 0
    ? []
    : [
        `| ${head} | |`,
        "|---|---|",
        ...entries.map(
          ({ name, brief, isRequired }) =>
            `| \`${name}\` | ${cell(brief)}${isRequired && head === "option" ? " (required)" : ""} |`,
        ),
      ];

/** Angle brackets would be tags, and bars ends of cells. */
const cell = (text: string): string =>
  text.replaceAll("|", "\\|").replace(/<[^ >]+>/g, (placeholder) => `\`${placeholder}\``);
