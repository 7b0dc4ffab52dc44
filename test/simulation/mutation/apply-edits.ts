import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Edit } from "./mutation.ts";

export const repository = resolve(import.meta.dirname, "../../..");

/**
 * The files that edits change, with their new text, by absolute path.
 * @throws Error where the text to be replaced does not occur exactly once
 */
export function applyEdits(edits: readonly Edit[]): ReadonlyMap<string, string> {
  const changed = new Map<string, string>();
  for (const { file, find, replace } of edits) {
    const path = join(repository, file);
    const text = changed.get(path) ?? readFileSync(path, "utf8");
    const count = text.split(find).length - 1;
    if (count !== 1)
      throw new Error(`${file} holds ${count} times, instead of once: ${JSON.stringify(find)}`);
    changed.set(
      path,
      text.replace(find, () => replace),
    );
  }
  return changed;
}
