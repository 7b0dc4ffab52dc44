/** What is read of an input: a document, or what none can be made of. */
export type InputItem =
  | {
      readonly kind: "document";
      readonly text: string;
      readonly file: string;
      /** At which it begins, from 1. */
      readonly line: number;
    }
  | {
      readonly kind: "refused";
      readonly reason: string;
      /** What there is of it, or its beginning. */
      readonly text: string;
      readonly file: string;
      readonly line: number;
    };

/** A document is kept up to so many characters: no record could hold it. */
export const documentMaxCharacters = 1_048_576;

export function tooLong(characters: number): string {
  return `it has ${characters} characters, and a record at most 1 MiB`;
}
