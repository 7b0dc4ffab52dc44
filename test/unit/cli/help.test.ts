import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { routes } from "../../../cli/commands/routes.ts";
import { commandsOf, findCommand, isGroup } from "../../../cli/find-command.ts";
import { helpLines } from "../../../cli/help-text.ts";
import { millraceHere } from "./command-here.ts";
import { millrace } from "./command.ts";

const folder = mkdtempSync(join(tmpdir(), "millrace-help-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const paths = commandsOf(routes).flatMap(({ name, target }) =>
  isGroup(target) ? commandsOf(target).map((inner) => [name, inner.name]) : [[name]],
);

const narrow = { columns: 60, heading: (text: string) => text };

describe.each(paths.map((path) => [path.join(" "), path] as const))("help of %s", (name, path) => {
  const found = findCommand(path);

  test("is what --help and help print: its own options and no others'", async () => {
    const asked = await millraceHere(folder, [...path, "--help"]);
    expect(asked).toEqual(await millraceHere(folder, ["help", ...path]));
    expect(asked).toMatchObject({ exitCode: 0, stderr: "" });
    const listed = [...asked.stdout.matchAll(/^ {2}--([a-z-]+)/gm)].map(([, option]) => option);
    if (isGroup(found.target)) throw new Error(`${name} is no command.`);
    expect(listed).toEqual(Object.keys(found.target.parameters.flags ?? {}));
  });

  test("has examples of options that there are", () => {
    if (isGroup(found.target)) throw new Error(`${name} is no command.`);
    const { examples } = found.target.help;
    expect(examples.length).toBeGreaterThan(0);
    for (const { line } of examples) {
      const known = Object.keys(found.target.parameters.flags ?? {});
      const used = [...(line.split(" -- ")[0] ?? "").matchAll(/--([a-z-]+)/g)].map(
        ([, option = ""]) => option,
      );
      expect(known).toEqual(expect.arrayContaining(used));
    }
  });

  test("fits into 60 columns, but for what can't be broken", () => {
    const wide = helpLines(found, narrow).filter(
      (line) => line.length > 60 && !/^ {2}millrace |^ +\S+$/.test(line),
    );
    expect(wide).toEqual([]);
  });
});

test("nothing of colour goes into a pipe", async () => {
  const { stdout } = await millrace(folder, ["help"]).end;
  const { stderr } = await millrace(folder, ["stauts"]).end;
  expect(stdout + stderr).not.toContain("\u001b[");
});

test("colour that is asked for is there, and NO_COLOR takes it away", async () => {
  const colourful = { FORCE_COLOR: "1", NO_COLOR: "" };
  const { stderr } = await millrace(folder, ["stauts"], "", colourful).end;
  expect(stderr).toContain("\u001b[31mmillrace:\u001b[39m there is no command");
  const plain = await millrace(folder, ["stauts"], "", { NO_COLOR: "1" }).end;
  expect(plain.stderr).not.toContain("\u001b[");
});
