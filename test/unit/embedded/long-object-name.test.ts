import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folderObjectStore } from "../../../runtime/embedded/folder-object-store.ts";
import { systemRandom } from "../../../runtime/node/system-environment.ts";

test("there is no object under a name that no file can have", async () => {
  const dir = mkdtempSync(join(tmpdir(), "millrace-long-"));
  try {
    const store = folderObjectStore({ dir, draftDir: dir, random: systemRandom });
    await store.put("job/short", new Uint8Array());
    expect(await store.get(`job/${"a".repeat(600)}`)).toBeUndefined();
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
