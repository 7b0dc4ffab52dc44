import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { synthesize } from "../../../../localstack/index.ts";

const app = join(import.meta.dirname, "../../../../examples/orders-dashboard/app.ts");
let folder: string;

beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "millrace-orders-"))));
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

/** What the stack deploys: its template without the names of assets, and all of its functions' code. */
async function deployed() {
  const { name, template, assets } = await synthesize({ app, folder });
  const code: string[] = [];
  for (const path of assets.values())
    for (const file of await readdir(path).catch(() => []))
      code.push(await readFile(join(path, file), "utf8"));
  const text = JSON.stringify(template).replaceAll(/\b[0-9a-f]{64}\b/g, "hash");
  return { name, text, code: code.join("\n") };
}

test("the next version is the same stack with other code, by ORDERS_ENTRY", async () => {
  const now = await deployed();
  vi.stubEnv("ORDERS_ENTRY", "job-with-average.ts");
  const next = await deployed();
  expect(next.name).toBe(now.name);
  expect(next.text).toBe(now.text);
  expect(now.code).not.toContain("averageOrderCents");
  expect(next.code).toContain("averageOrderCents");
});

test.each(["job-of-nobody.ts", "../flight-delays/job.ts", "app.ts"])(
  "the entry %s is refused, with those that there are",
  async (file) => {
    vi.stubEnv("ORDERS_ENTRY", file);
    await expect(deployed()).rejects.toThrow(
      `ORDERS_ENTRY is "${file}"; it must be job.ts or job-with-average.ts.`,
    );
  },
);
