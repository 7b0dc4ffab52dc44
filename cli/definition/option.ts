import { inWords } from "../in-words.ts";
import { UsageError } from "../usage-error.ts";

/** How to show a value, and what an option or argument is for, in a few words. */
interface Described {
  readonly placeholder: string;
  readonly brief: string;
}

/** Reads what is typed. */
export interface Parse<T> {
  (text: string): T;
  /** All that it takes, where that is known. */
  readonly words?: readonly string[];
}

interface Parsed<T> extends Described {
  readonly kind: "parsed";
  readonly parse: Parse<T>;
  readonly proposeCompletions: () => readonly string[];
}

/** An option with a value, which may be absent. */
export interface OptionalOption<T> extends Parsed<T> {
  readonly optional: true;
}

/** An option with a value, which must be given where there is no default. */
export interface RequiredOption<T> extends Parsed<T> {
  readonly default?: string;
}

/** An option whose value may be left out, which is the empty text then. */
export interface BareOption<T> extends OptionalOption<T> {
  readonly inferEmpty: true;
}

/** An option that may be given several times. */
export interface RepeatedOption<T> extends Parsed<T> {
  readonly optional: true;
  readonly variadic: true;
}

/** An option without a value: there or not. */
export interface Flag {
  readonly kind: "boolean";
  readonly default: false;
  readonly withNegated: false;
  readonly brief: string;
}

export type Option =
  | OptionalOption<unknown>
  | RequiredOption<unknown>
  | RepeatedOption<unknown>
  | Flag;

/** By their names as they are typed, without the hyphens before. */
export type Options = Readonly<Record<string, Option>>;

type ValueOf<O> = O extends Flag
  ? boolean
  : O extends RepeatedOption<infer T>
    ? readonly T[]
    : O extends OptionalOption<infer T>
      ? T | undefined
      : O extends RequiredOption<infer T>
        ? T
        : never;

/** What the options of a command are once they were parsed. */
export type ValuesOf<O extends Options> = { readonly [Name in keyof O]: ValueOf<O[Name]> };

export const flag = (brief: string): Flag => ({
  kind: "boolean",
  default: false,
  withNegated: false,
  brief,
});

const parsed = <T>(placeholder: string, brief: string, parse: Parse<T>): Parsed<T> => ({
  kind: "parsed",
  parse,
  placeholder,
  brief,
  proposeCompletions: () => parse.words ?? [],
});

export const optional = <T>(
  placeholder: string,
  brief: string,
  parse: Parse<T>,
): OptionalOption<T> => ({ ...parsed(placeholder, brief, parse), optional: true });

/** An option whose value may be left out. */
export const bareOrWith = <T>(
  placeholder: string,
  brief: string,
  parse: Parse<T>,
): BareOption<T> => ({ ...optional(placeholder, brief, parse), inferEmpty: true });

export const required = <T>(
  placeholder: string,
  brief: string,
  parse: Parse<T>,
): RequiredOption<T> => parsed(placeholder, brief, parse);

/** An option that has a value if it is not given: what would have been typed. */
export const defaulted = <T>(
  value: string,
  { placeholder, brief, parse }: Described & { readonly parse: Parse<T> },
): RequiredOption<T> => ({ ...parsed(placeholder, brief, parse), default: value });

export const repeated = <T>(
  placeholder: string,
  brief: string,
  parse: Parse<T>,
): RepeatedOption<T> => ({ ...parsed(placeholder, brief, parse), optional: true, variadic: true });

/** Takes what is typed. */
export const anyText: Parse<string> = (text) => text;

export interface NumberRange {
  readonly min: number;
  readonly max: number;
}

/** @throws UsageError where the text is not a whole number in the range. */
export const wholeNumber =
  ({ min, max }: NumberRange): Parse<number> =>
  (text) => {
    const value = Number(text);
    if (text.trim() !== "" && Number.isInteger(value) && value >= min && value <= max) return value;
    throw new UsageError(`it takes a whole number from ${min} to ${max}`);
  };

/** @throws UsageError where the text is not a number from 0, or above it. */
export const amount =
  ({ above }: { readonly above: boolean }): Parse<number> =>
  (text) => {
    const value = Number(text);
    if (text.trim() !== "" && Number.isFinite(value) && (above ? value > 0 : value >= 0))
      return value;
    throw new UsageError(`it takes a number ${above ? "above" : "from"} 0`);
  };

/** @throws UsageError where the text is not two, with "=" between them. */
export const pair =
  (form: string): Parse<readonly [string, string]> =>
  (text) => {
    const at = text.indexOf("=");
    if (at > 0 && at < text.length - 1) return [text.slice(0, at), text.slice(at + 1)];
    throw new UsageError(`it takes ${form}`);
  };

/** @throws UsageError where the text is none of some words. */
export const oneOf = <Word extends string>(words: readonly Word[]): Parse<Word> =>
  Object.assign(
    (text: string): Word => {
      const found = words.find((word) => word === text);
      if (found !== undefined) return found;
      throw new UsageError(`it takes ${inWords(words)}`);
    },
    { words },
  );
