import { execFileSync } from "node:child_process";
import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { expect, test } from "vitest";
import { withoutCode } from "./synthesize.ts";

const root = resolve(import.meta.dirname, "../../..");
const apps = globSync("examples/*/app.ts", { cwd: root }).toSorted();

test("there are examples that are deployed", () => {
  expect(apps).toEqual(["examples/flight-delays/app.ts", "examples/orders-dashboard/app.ts"]);
});

/**
 * What deploying an example would create. A change of a logical id or of a property that AWS can't change in place replaces the
 * resource: look at the difference before you update the snapshot (`npx vitest run test/unit/cdk/snapshots.test.ts -u`).
 */
test.each<[app: string, how: string, variables: Readonly<Record<string, string>>]>([
  [apps[0]!, "with its code", {}],
  [
    apps[1]!,
    "whether its code is bundled or not",
    { CDK_CONTEXT_JSON: JSON.stringify(withoutCode) },
  ],
])("the template of %s is as it was, %s", async (app, _, variables) => {
  const folder = mkdtempSync(join(tmpdir(), "millrace-synth-"));
  try {
    const env = { ...process.env, ...variables };
    execFileSync(process.execPath, ["cdk/synth.ts", app, folder], {
      cwd: root,
      stdio: "pipe",
      env,
    });
    const [template, ...others] = readdirSync(folder).filter((name) =>
      name.endsWith(".template.json"),
    );
    expect(others).toEqual([]);
    const text = normalised(readFileSync(join(folder, template!), "utf8"));
    const example = app.split("/").at(-2);
    await expect(text).toMatchFileSnapshot(
      join(dirname(import.meta.filename), "snapshots", `${example}.template.snap`),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Hashes of the functions' code change with every line of the runtime. */
function normalised(template: string): string {
  return template.replaceAll(/\b[0-9a-f]{64}\b/g, "<hash of the code>");
}
