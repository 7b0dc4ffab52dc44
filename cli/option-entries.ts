import type { DefinedCommand } from "./definition/command.ts";

/** What help and documents say of an option or an argument. */
export interface HelpEntry {
  /** As it is typed, such as `--dir <folder>`. */
  readonly name: string;
  readonly brief: string;
  readonly isRequired: boolean;
}

export function optionEntries({ parameters, help }: DefinedCommand): readonly HelpEntry[] {
  const options = Object.entries(parameters.flags ?? {}).map(([name, option]) => {
    const given = option.kind === "parsed" ? option.default : undefined;
    return {
      name: `--${name}${option.kind === "boolean" ? "" : ` <${placeholderOf(option)}>`}`,
      brief: `${option.brief}${given === undefined ? "" : ` (default: ${String(given)})`}`,
      isRequired: option.kind === "parsed" && option.optional !== true && given === undefined,
    };
  });
  const { behindDashes } = help;
  if (behindDashes === undefined) return options;
  const { placeholder, brief } = behindDashes;
  return [...options, { name: `-- <${placeholder}>`, brief, isRequired: false }];
}

/** Such as `stream=file`: each word of it stands for something. */
const placeholderOf = ({ placeholder = "value" }: { readonly placeholder?: string }): string =>
  placeholder.replaceAll("=", ">=<");

export function argumentEntries({ parameters }: DefinedCommand): readonly HelpEntry[] {
  const { positional } = parameters;
  if (positional?.kind !== "tuple") return [];
  return positional.parameters.map(({ placeholder = "value", brief, optional = false }) => ({
    name: optional ? `[<${placeholder}>]` : `<${placeholder}>`,
    brief,
    isRequired: !optional,
  }));
}

/** How a command is typed: its words, what it needs, and that there is more. */
export function usageLine(path: readonly string[], command: DefinedCommand): string {
  const needed = optionEntries(command).filter(({ isRequired }) => isRequired);
  const words = [...argumentEntries(command), ...needed].map(({ name }) => name);
  return ["millrace", ...path, ...words, "[options]"].join(" ");
}
