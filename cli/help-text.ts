import type { RouteMap } from "@stricli/core";
import { besideEachOther, wrapped } from "./columns.ts";
import type { Context, DefinedCommand } from "./definition/command.ts";
import { commandsOf, type FoundCommand, isGroup } from "./find-command.ts";
import { argumentEntries, type HelpEntry, optionEntries, usageLine } from "./option-entries.ts";

export interface HelpStyle {
  /** Width of the terminal, in characters. */
  readonly columns: number;
  /** Makes a heading stand out. */
  readonly heading: (text: string) => string;
}

/** What `--help` prints. */
export function helpLines({ path, target }: FoundCommand, style: HelpStyle): readonly string[] {
  return isGroup(target) ? groupLines(path, target, style) : commandLines(path, target, style);
}

const ownOptions = [["-h, --help", "print help"]] as const;
const rootOptions = [...ownOptions, ["-v, --version", "print the version"]] as const;

function groupLines(
  path: readonly string[],
  group: RouteMap<Context>,
  { columns, heading }: HelpStyle,
): readonly string[] {
  const name = ["millrace", ...path].join(" ");
  const commands = commandsOf(group).map(({ name, target }) => [name, target.brief] as const);
  return [
    ...wrapped(`${name}: ${group.brief}`, columns),
    "",
    heading("Commands"),
    ...besideEachOther(commands, columns),
    "",
    heading("Options"),
    ...besideEachOther(path.length === 0 ? rootOptions : ownOptions, columns),
    "",
    ...wrapped(`"${name} <command> --help" says more of each.`, columns),
  ];
}

function commandLines(
  path: readonly string[],
  command: DefinedCommand,
  { columns, heading }: HelpStyle,
): readonly string[] {
  const { brief, notes, examples } = command.help;
  const args = argumentEntries(command).map(asPair);
  const options = [...optionEntries(command).map(asPair), ...ownOptions];
  const name = ["millrace", ...path].join(" ");
  return [
    ...wrapped(`${name}: ${brief}`, columns),
    "",
    `  ${usageLine(path, command)}`,
    ...(args.length === 0 ? [] : ["", heading("Arguments"), ...besideEachOther(args, columns)]),
    "",
    heading("Options"),
    ...besideEachOther(options, columns),
    ...notes.flatMap((note) => ["", ...wrapped(note, columns)]),
    "",
    heading("Examples"),
    ...examples.flatMap(({ line, effect }) => [
      `  ${name} ${line}`,
      ...wrapped(effect, columns - 6).map((text) => `      ${text}`),
    ]),
  ];
}

const asPair = ({ name, brief, isRequired }: HelpEntry): readonly [string, string] => [
  name,
  isRequired && name.startsWith("--") ? `${brief} (required)` : brief,
];
