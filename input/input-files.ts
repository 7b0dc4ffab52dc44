import { globSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { inputError } from "../runtime/errors/millrace-error.ts";
import { standardInput } from "./open-bytes.ts";

/** The files that a path, a folder or a pattern names, in the order of their names. @throws MillraceError `input-missing` */
export function inputFiles(path: string): readonly string[] {
  if (path === standardInput) return [path];
  const found = statSync(path, { throwIfNoEntry: false });
  if (found !== undefined && !found.isDirectory()) return [path];
  if (found?.isDirectory() === true) {
    const files = filesIn(path);
    if (files.length > 0) return files;
    throw missing(`The folder ${path} has no files in it.`);
  }
  if (!isPattern(path)) throw missing(`There is no file or folder ${path}.`);
  const files = globSync(path)
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true)
    .toSorted(byName);
  if (files.length > 0) return files;
  throw missing(`No file is called ${path}.`);
}

/** With those of folders in it. As in a file source, what is called `.x` or `_x` is none of them. */
function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((file) => !/[/\\][._]/.test(file.slice(folder.length)))
    .toSorted(byName);
}

const byName = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

const isPattern = (path: string): boolean => /[*?{[]/.test(path);

function missing(message: string): Error {
  return inputError("input-missing", {
    message,
    next: "Give a file, a folder, a pattern such as 'data/*.csv', or - for standard input.",
  });
}
