import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { lockFolder } from "../../../dev/folder-lock.ts";

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "millrace-lock-"))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const module = new URL("../../../dev/folder-lock.ts", import.meta.url).href;

/** A process that has taken a folder. */
async function holderOf(dir: string) {
  const code = `
    const { lockFolder } = await import(${JSON.stringify(module)});
    globalThis.lock = lockFolder(${JSON.stringify(dir)});
    console.log("locked");
    process.stdin.resume();`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", code], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return child;
}

test("a folder is one process's until that is killed, whatever it left behind", async () => {
  const dir = join(folder, "killed");
  const child = await holderOf(dir);
  expect(() => lockFolder(dir)).toThrow(
    expect.objectContaining({
      code: "folder-in-use",
      message: expect.stringMatching(
        new RegExp(
          `${dir} already, by process ${child.pid}.*"kill ${child.pid}".*another --dir`,
          "s",
        ),
      ) as string,
    }),
  );
  child.kill("SIGKILL");
  await once(child, "exit");
  lockFolder(dir).release();
});

test("a folder that was released can be taken again, and is nobody else's meanwhile", () => {
  const dir = join(folder, "released");
  const first = lockFolder(dir);
  expect(() => lockFolder(dir)).toThrow(`process ${process.pid}`);
  const other = lockFolder(join(folder, "other"));
  first.release();
  lockFolder(dir).release();
  other.release();
});
