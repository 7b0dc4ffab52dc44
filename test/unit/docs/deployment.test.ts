import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { guardedProps } from "../cdk/guarded.ts";
import { listed } from "../cdk/listed-permissions.ts";
import { statementsOf, synthesize, type Synthesized } from "../cdk/synthesize.ts";
import { productFiles, root } from "../tidy/sources.ts";

const text = readFileSync(join(root, "docs/deployment.md"), "utf8");
const cdkFiles = productFiles.filter(({ path }) => path.startsWith("cdk/"));
const codeOf = (path: string): string => cdkFiles.find((file) => file.path === path)!.code;

let orders: Synthesized;
beforeAll(() => {
  orders = synthesize((stack) => ({ ...guardedProps(stack), enhancedFanOut: true }));
});

/** What stands in backquotes in the given column of the table under a heading. */
function column(heading: string, headline: string, at = 0): readonly string[] {
  const [, section = ""] = text.split(`\n## ${heading}\n`);
  const [, table = ""] = section.split("\n## ")[0]!.split(`${headline}\n`);
  const rows = table.split("\n\n")[0]!.split("\n").slice(1);
  return rows.flatMap((row) => {
    const cell = row.split("|")[at + 1] ?? "";
    return [...cell.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
  });
}

describe("docs/deployment.md", () => {
  test("explains every prop", () => {
    const [, body = ""] = codeOf("cdk/props.ts").split("interface MillracePipelineProps {");
    const props = [...body.split("\n}")[0]!.matchAll(/readonly (\w+)\??:/g)];
    const names = props.map(([, name]) => name);
    expect(names.length).toBeGreaterThan(20);
    expect(column("Props", "| prop | default |").toSorted()).toEqual(names.toSorted());
  });

  test("explains every alarm, and no other", () => {
    const explained = column("Alarms", "| alarm | when |");
    const alarms = Object.keys(orders.pipeline.alarms);
    const named = alarms.map((name) => name.replace(/(?<=^TableThrottles-).*/, "<table>"));
    expect(explained.toSorted()).toEqual(named.toSorted());
  });

  test("lists every statement of both roles", () => {
    const sids = statementsOf(orders.template).flatMap(({ Sid }) => Sid ?? []);
    const ofBoth = column("Permissions", "| statement | with | actions | on |");
    const named = [
      ...column("Permissions", "| role | statement | actions | on |", 1),
      ...ofBoth,
      ...ofBoth,
    ];
    expect(named.toSorted()).toEqual(sids.toSorted());
  });

  test("lists every statement of the API's roles", () => {
    const { template } = synthesize(() => ({ api: { writes: true } }));
    const sids = ["ApiReads", "ApiWrites"]
      .flatMap((role) => listed(template, role))
      .map((line) => line.split(":")[0]!)
      .filter((sid) => sid !== "-");
    const named = column("Permissions", "| function | statement | actions | on |", 1);
    expect(named).toEqual(expect.arrayContaining(sids));
    expect(named).toHaveLength(sids.length);
  });

  test("lists every metric that the construct knows, with its method", () => {
    const headline = "| metric | method | what |";
    const methods = [...codeOf("cdk/metrics.ts").matchAll(/^ {2}(metric\w+)\(/gm)];
    const own = [...new Set(methods.map(([, name = ""]) => name))];
    expect(own.length).toBeGreaterThan(10);
    for (const method of own) expect(text).toContain(`\`${method}`);
    for (const metric of column("Alarms", headline)) {
      const written = productFiles.some(({ code }) => code.includes(metric));
      expect(written, metric).toBe(true);
    }
  });

  test("explains every code that the runtime raises an alarm with", () => {
    const raised = productFiles.flatMap(({ code }) =>
      [...code.matchAll(/\.alarm\(\s*"([a-z-]+)"/g)].map(([, name = ""]) => name),
    );
    const listed = column("Alarms", "| code | meaning |");
    expect([...listed].toSorted()).toEqual([...new Set(raised)].toSorted());
  });
});
