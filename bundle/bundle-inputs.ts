import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { Metafile } from "esbuild";

/** Files that a bundle was made of, as they were then. */
export type Inputs = ReadonlyMap<string, string>;

/** As they are now: the bundler names them relative to the working folder. */
export function inputsOf({ inputs }: Metafile): Inputs {
  return new Map(
    Object.keys(inputs).flatMap((name) => {
      const file = resolve(name);
      const state = stateOfFile(file);
      return state === undefined ? [] : [[file, state] as const];
    }),
  );
}

/** None of the files has been written to since. */
export function areAsBefore(inputs: Inputs): boolean {
  return [...inputs].every(([file, state]) => stateOfFile(file) === state);
}

/** Another one when the file was written to; undefined where there is none. */
export function stateOfFile(file: string): string | undefined {
  const stats = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? undefined : `${stats.ino} ${stats.size} ${stats.mtimeNs}`;
}
