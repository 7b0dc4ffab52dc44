import {
  type ApplicationText,
  ArgumentParseError,
  AliasNotFoundError,
  EnumValidationError,
  FlagNotFoundError,
  text_en,
  UnexpectedFlagError,
  UnexpectedPositionalError,
  UnsatisfiedFlagError,
  UnsatisfiedPositionalError,
} from "@stricli/core";
import { messageOf } from "../runtime/errors/millrace-error.ts";
import { commandsOf, type FoundCommand, isGroup } from "./find-command.ts";
import { inWords } from "./in-words.ts";
import { argumentEntries, optionEntries } from "./option-entries.ts";
import { similarWord } from "./similar-word.ts";
import { errorText, markedText } from "./show-error.ts";

/** What is said of words that can't be understood. */
export function wordsText(found: FoundCommand): ApplicationText {
  return {
    ...text_en,
    noCommandRegisteredForInput: ({ input, corrections }) =>
      markedText(unknownCommand(found, input, corrections)),
    exceptionWhileParsingArguments: (thrown) => markedText(parseMessage(found, thrown)),
    exceptionWhileRunningCommand: errorText,
    exceptionWhileRunningIntegrationFlag: ({ exception }) => errorText(exception),
  };
}

function unknownCommand(
  { path, target }: FoundCommand,
  input: string,
  corrections: readonly string[],
): string {
  if (input.startsWith("-")) {
    const name = ["millrace", ...path].join(" ");
    return `"${name}" has no option ${input}${meantOption(path, input)}`;
  }
  // The library puts them into back-ticks.
  const likely = corrections.map((word) => `"${word.replaceAll("`", "")}"`).join(" or ");
  const meant = likely === "" ? "" : `; did you mean ${likely}?`;
  if (path.length === 0 || !isGroup(target)) return `there is no command "${input}"${meant}`;
  const names = commandsOf(target).map(({ name }) => name);
  return `"millrace ${path.join(" ")}" takes ${inWords(names)}, not "${input}"${meant}`;
}

/** Options that are no command's own. */
function meantOption(path: readonly string[], typed: string): string {
  const words = path.length === 0 ? ["help", "version"] : ["help"];
  const word = similarWord(typed.replace(/^-+/, ""), words);
  return word === undefined ? "" : `; did you mean --${word}?`;
}

function parseMessage({ path, target }: FoundCommand, thrown: unknown): string {
  const name = `"millrace ${path.join(" ")}"`;
  const command = isGroup(target) ? undefined : target;
  if (thrown instanceof FlagNotFoundError) {
    const likely = inWords(thrown.corrections.map((option) => `--${option}`));
    const meant = likely === "" ? meantOption(path, thrown.input) : `; did you mean ${likely}?`;
    return `${name} has no option --${thrown.input}${meant}`;
  }
  if (thrown instanceof AliasNotFoundError) return `${name} has no option -${thrown.input}`;
  if (thrown instanceof ArgumentParseError)
    return `--${thrown.externalFlagNameOrPlaceholder} is "${thrown.input}"; ${messageOf(thrown.exception)}`;
  if (thrown instanceof EnumValidationError)
    return `--${thrown.externalFlagName} is "${thrown.input}"; it takes ${inWords(thrown.values)}`;
  if (thrown instanceof UnsatisfiedFlagError) {
    const option = command && optionEntries(command).find(({ name }) => isOf(name, thrown));
    return `${name} needs ${option === undefined ? `--${thrown.externalFlagName}` : `${option.name}: ${option.brief}`}`;
  }
  if (thrown instanceof UnexpectedFlagError)
    return `--${thrown.externalFlagName} is given twice, as "${thrown.previousInput}" and as "${thrown.input}"; it takes one`;
  if (thrown instanceof UnsatisfiedPositionalError) {
    const entries = command === undefined ? [] : argumentEntries(command);
    const missing = entries.find(({ name }) => name === `<${thrown.placeholder}>`);
    return `${name} needs <${thrown.placeholder}>${missing === undefined ? "" : `, ${missing.brief}`}`;
  }
  if (thrown instanceof UnexpectedPositionalError) {
    const names = command === undefined ? [] : argumentEntries(command).map(({ name }) => name);
    const takes = names.length === 0 ? "options" : names.join(" ");
    return `${name} takes ${takes} only; what is "${thrown.input}"?`;
  }
  return messageOf(thrown);
}

const isOf = (entry: string, { externalFlagName }: UnsatisfiedFlagError): boolean =>
  entry.split(" ", 1)[0] === `--${externalFlagName}`;
