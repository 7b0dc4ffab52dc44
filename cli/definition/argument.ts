interface Described {
  /** What stands for it in help, such as `job.ts`. */
  readonly placeholder: string;
  /** What it is, in a few words. */
  readonly brief: string;
  readonly parse: (text: string) => string;
  /** What it may be, where that is known. */
  readonly proposeCompletions: () => readonly string[];
}

export interface RequiredArgument extends Described {
  readonly optional?: false;
}

export interface OptionalArgument extends Described {
  readonly optional: true;
}

/** What a command takes beside its options, in order. */
export type Arguments = readonly (RequiredArgument | OptionalArgument)[];

/** What the arguments of a command are once they were parsed. */
export type ArgumentValuesOf<A extends Arguments> = {
  readonly [At in keyof A]: A[At] extends OptionalArgument ? string | undefined : string;
};

const parse = (text: string): string => text;
const proposeCompletions = (): readonly string[] => [];

export const argument = (placeholder: string, brief: string): RequiredArgument => ({
  placeholder,
  brief,
  parse,
  proposeCompletions,
});

export const optionalArgument = (placeholder: string, brief: string): OptionalArgument => ({
  ...argument(placeholder, brief),
  optional: true,
});
