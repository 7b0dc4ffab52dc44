import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { ObjectStore } from "../../runtime/ports/index.ts";

export const goldenFolder = (name: string): string => join(import.meta.dirname, "../golden", name);

/** Puts the objects of a frozen savepoint into a store, under the names that they had. */
export async function putGolden(store: Pick<ObjectStore, "put">, name: string): Promise<void> {
  const objects = join(goldenFolder(name), "objects");
  for (const entry of readdirSync(objects, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    await store.put(relative(objects, path), new Uint8Array(readFileSync(path)));
  }
}
