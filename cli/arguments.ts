import { parseArgs, type ParseArgsConfig } from "node:util";
import { UsageError } from "./usage-error.ts";

type Options = NonNullable<ParseArgsConfig["options"]>;

/**
 * Parses a command's arguments: options, and the one file of the job.
 * @throws UsageError for anything unknown, missing or too much.
 */
export function parseJobArguments<const O extends Options>(
  command: string,
  args: readonly string[],
  options: O,
) {
  const { values, positionals } = parseArguments(args, options);
  const [jobFile, ...others] = positionals;
  if (jobFile === undefined)
    throw new UsageError(
      `"millrace ${command}" needs the file of a job: millrace ${command} job.ts`,
    );
  if (others.length > 0)
    throw new UsageError(`"millrace ${command}" takes one job; what is "${others.join(" ")}"?`);
  return { jobFile, values };
}

/** @throws UsageError for an option that is unknown or has a wrong value. */
export function parseArguments<const O extends Options>(args: readonly string[], options: O) {
  try {
    return parseArgs({
      args: [...args],
      options,
      allowPositionals: true,
      allowNegative: true,
      strict: true,
    });
  } catch (thrown) {
    // Node's own messages name the option and say what is wrong with it.
    if (!(thrown instanceof TypeError)) throw thrown;
    throw new UsageError(thrown.message);
  }
}

/** @throws UsageError where a command is given something that it has no use for. */
export function takeNone(command: string, positionals: readonly string[]): void {
  if (positionals.length > 0)
    throw new UsageError(
      `"millrace ${command}" takes options only; what is "${positionals.join(" ")}"?`,
    );
}

/** @throws UsageError where there is not just one argument beside the options. */
export function takeOne(command: string, positionals: readonly string[], what: string): string {
  const [only, ...others] = positionals;
  if (only === undefined) throw new UsageError(`"millrace ${command}" needs ${what}.`);
  if (others.length > 0)
    throw new UsageError(`"millrace ${command}" takes ${what}; what is "${others.join(" ")}"?`);
  return only;
}

export interface WholeNumberRange {
  readonly min: number;
  readonly max: number;
}

/** @throws UsageError where the text is not a whole number in the range. */
export function wholeNumber(option: string, text: string, { min, max }: WholeNumberRange): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isInteger(value) && value >= min && value <= max) return value;
  throw new UsageError(`--${option} is "${text}"; it takes a whole number from ${min} to ${max}.`);
}

/** @throws UsageError where the text is not two, with "=" between them. */
export function pairOf(option: string, text: string, form: string): readonly [string, string] {
  const at = text.indexOf("=");
  if (at > 0 && at < text.length - 1) return [text.slice(0, at), text.slice(at + 1)];
  throw new UsageError(`--${option} is "${text}"; it takes ${form}.`);
}
