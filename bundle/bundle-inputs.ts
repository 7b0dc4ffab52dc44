import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { Metafile } from "esbuild";

/** Files that a bundle was made of, as they were then. */
export type Inputs = ReadonlyMap<string, string>;

/** As they are now: the bundler names them relative to the working folder. */
export function inputsOf({ inputs }: Metafile): Inputs {
  const files = Object.keys(inputs).filter((name) => stateOf(resolve(name)) !== undefined);
  return new Map(files.map((name) => [resolve(name), stateOf(resolve(name))!]));
}

/** None of the files has been written to since. */
export function areAsBefore(inputs: Inputs): boolean {
  return [...inputs].every(([file, state]) => stateOf(file) === state);
}

function stateOf(file: string): string | undefined {
  const stats = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? undefined : `${stats.ino} ${stats.size} ${stats.mtimeNs}`;
}
