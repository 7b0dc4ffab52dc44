import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Those that are still there: one listener for all of them, since a process warns of many. */
const folders = new Set<string>();
let isListening = false;

/** A folder of its own, named `millrace-<purpose>-…`, that goes with the process, however that exits. */
export function temporaryFolder(purpose: string): string {
  if (!isListening) process.once("exit", () => folders.forEach(removeTemporaryFolder));
  isListening = true;
  const folder = mkdtempSync(join(tmpdir(), `millrace-${purpose}-`));
  folders.add(folder);
  return folder;
}

/** Removes it before. */
export function removeTemporaryFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  folders.delete(folder);
}
