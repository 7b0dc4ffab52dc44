import {
  buildCommand,
  type Command,
  type CommandContext,
  type StricliProcess,
} from "@stricli/core";
import { UsageError } from "../usage-error.ts";
import type { Arguments, ArgumentValuesOf } from "./argument.ts";
import { bare } from "./bare.ts";
import type { Options, ValuesOf } from "./option.ts";

/** What a command is given beside its words. */
export interface Context extends CommandContext {
  readonly process: StricliProcess;
  /** What stands behind `--`. */
  readonly behindDashes: readonly string[];
}

/** The words of a command, parsed. */
export interface Given<O extends Options, A extends Arguments> {
  readonly values: ValuesOf<O>;
  readonly args: ArgumentValuesOf<A>;
  /** What stands behind `--`. */
  readonly behindDashes: readonly string[];
}

export interface Example {
  /** What is typed behind the command's name. */
  readonly line: string;
  readonly effect: string;
}

/** What help says of a command beside its options and arguments. */
export interface CommandHelp {
  readonly brief: string;
  /** Further sentences. */
  readonly notes: readonly string[];
  readonly examples: readonly Example[];
  /** What may stand behind `--`; absent: nothing. */
  readonly behindDashes?: { readonly placeholder: string; readonly brief: string };
}

interface Definition<O extends Options, A extends Arguments> extends Omit<CommandHelp, "notes"> {
  readonly notes?: readonly string[];
  readonly options: O;
  readonly args: A;
  /** Loads what the command does, once it is to run: it answers the exit code. */
  readonly load: () => Promise<(given: Given<NoInfer<O>, NoInfer<A>>) => number | Promise<number>>;
}

/** A command as it was defined: what parses its words, and what its help says. */
export interface DefinedCommand extends Command<Context> {
  readonly help: CommandHelp;
}

/** Defines a command: its words are parsed, its help is written and its completions are made by this alone. */
export function defineCommand<O extends Options, const A extends Arguments>(
  definition: Definition<O, A>,
): DefinedCommand {
  const { brief, notes = [], examples, behindDashes, options, args, load } = definition;
  async function run(this: Context, values: unknown, ...words: unknown[]): Promise<void> {
    if (this.behindDashes.length > 0 && behindDashes === undefined)
      throw new UsageError(`"--" leads nowhere here; what is "${this.behindDashes.join(" ")}"?`);
    const work = await load();
    this.process.exitCode = await work({
      values: withLists(options, values as ValuesOf<O>),
      args: words as unknown as ArgumentValuesOf<A>,
      behindDashes: this.behindDashes,
    });
  }
  const command = buildCommand<Readonly<Record<string, unknown>>, readonly unknown[], Context>({
    docs: { brief },
    loader: async () => run,
    // The options' own types say what the values are.
    parameters: { flags: bare(options), positional: { kind: "tuple", parameters: args } } as never,
  });
  const dashes = behindDashes === undefined ? {} : { behindDashes };
  return Object.assign(command, { help: { brief, notes, examples, ...dashes } });
}

/** A repeated option that was not given is an empty list. */
function withLists<O extends Options>(options: O, values: ValuesOf<O>): ValuesOf<O> {
  const lists = Object.entries(options)
    .filter(([name, option]) => "variadic" in option && values[name] === undefined)
    .map(([name]) => [name, []]);
  return { ...values, ...Object.fromEntries(lists) };
}
