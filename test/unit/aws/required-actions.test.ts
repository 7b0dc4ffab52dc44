import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { requiredActions } from "../../../runtime/aws/required-actions.ts";

const folder = join(import.meta.dirname, "../../../runtime/aws");

/** Actions whose names differ from the command's. */
const renamed: Readonly<Record<string, string>> = {
  ListObjectsV2: "ListBucket",
  DeleteObjects: "DeleteObject",
};

/** IAM actions of the commands that a file and what it imports from its own folder construct. */
function actionsIn(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return new Set();
  seen.add(file);
  const source = readFileSync(join(folder, file), "utf8");
  const service = /from "@aws-sdk\/client-(\w+)"/.exec(source)?.[1];
  const own = [...source.matchAll(/new (\w+)Command\(/g)].map(
    ([, name]) => `${service}:${renamed[name!] ?? name}`,
  );
  const imported = [...source.matchAll(/from "\.\/([\w-]+\.ts)"/g)].flatMap(([, next]) => [
    ...actionsIn(next!, seen),
  ]);
  return new Set([...own, ...imported]);
}

const adapters = [...new Set(requiredActions.map(({ adapter }) => adapter))];

test.each(adapters)("%s needs exactly the actions of the commands that it sends", (adapter) => {
  const listed = requiredActions
    .filter((required) => required.adapter === adapter)
    .flatMap(({ actions }) => actions);
  const sent = [...actionsIn(`${adapter}.ts`)];
  expect(listed.toSorted()).toEqual(sent.toSorted());
});

test("every adapter that ports.ts, or the coordinator for itself, puts together is listed", () => {
  const assemblers = [join(folder, "ports.ts"), join(folder, "../../functions/aws-coordinator.ts")];
  const used = assemblers.flatMap((path) =>
    [
      ...readFileSync(path, "utf8").matchAll(
        /from "\.(?:\.\/runtime\/aws)?\/((?:dynamodb|kinesis|s3)-[\w-]+)\.ts"/g,
      ),
    ].map(([, name]) => name),
  );
  expect(adapters.toSorted()).toEqual(used.toSorted());
});

test("every error names an action that is listed", () => {
  const known = new Set(requiredActions.flatMap(({ actions }) => actions));
  const files = readdirSync(folder).map((name) => join(folder, name));
  const named = files.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/action: "([^"]+)"/g)].map(([, a]) => a),
  );
  expect(named.filter((action) => !known.has(action!))).toEqual([]);
});
