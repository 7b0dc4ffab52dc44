import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { playDocument } from "../../scripts/play-document.ts";
import { installedFolder, type InstalledFolder } from "../integration/installed-folder.ts";
import { root } from "../unit/tidy/sources.ts";

/** The first use installs and compiles what stands for AWS. */
const patienceMs = 600_000;

let installed: InstalledFolder;
beforeAll(() => {
  installed = installedFolder();
});
afterAll(() => installed.remove());

test(
  "a project that was just written is deployed here, fed, looked at and asked for its rows, as the tutorial shows",
  async () => {
    const { folder, env } = installed;
    await promisify(execFile)("npx", ["millrace", "init", "shop"], { cwd: folder, env });
    const tutorial = readFileSync(join(root, "docs/tutorial.md"), "utf8");
    const played: string[] = [];
    await playDocument(tutorial, {
      folder: join(folder, "shop"),
      env,
      on: "emulators",
      onPlayed: (transcript) => void played.push(transcript),
    });
    expect(played.map((each) => each.split(" ")[3])).toEqual([
      "deploy",
      "put",
      "query",
      "status",
      "shadow",
    ]);
  },
  patienceMs,
);
