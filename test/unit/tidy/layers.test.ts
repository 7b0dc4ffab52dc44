import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { importsOf, productFiles, root } from "./sources.ts";

/** Folders that know each other: windows are operators, and the compiler of operators knows them. */
const mutual: readonly string[] = ["runtime/operators", "runtime/windows"];

interface Folder {
  readonly name: string;
  readonly mayImport: readonly string[];
}

/** The table of docs/architecture.md, from bottom to top. */
const folders = readTable();
const heightOf = new Map(folders.map(({ name }, height) => [name, height]));

function readTable(): readonly Folder[] {
  const text = readFileSync(join(root, "docs/architecture.md"), "utf8");
  const table = text.slice(
    text.indexOf("| folder |"),
    text.indexOf("\n\n", text.indexOf("| folder |")),
  );
  const rows = [...table.matchAll(/^\| `(.+?)` \| .+ \| (.+?) \|$/gm)];
  const names = new Set(rows.map(([, name = ""]) => name));
  return rows.map(([, name = "", cell = ""]) => ({
    name,
    mayImport:
      cell === "nothing"
        ? []
        : cell
            .split(", ")
            .map((short) => (names.has(`runtime/${short}`) ? `runtime/${short}` : short)),
  }));
}

/** The row that a file belongs to: that of the longest path. */
function folderOf(path: string): string | undefined {
  if (heightOf.has(path)) return path;
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1))
    if (heightOf.has(path.slice(0, end))) return path.slice(0, end);
  return undefined;
}

interface FolderImport {
  readonly from: string;
  readonly to: string;
  readonly text: string;
}

const imports: readonly FolderImport[] = productFiles.flatMap((file) =>
  importsOf(file).flatMap(({ path }) => {
    if (path === undefined) return [];
    const [from = "no row", to = "no row"] = [folderOf(file.path), folderOf(path)];
    return from === to ? [] : [{ from, to, text: `${file.path} imports ${path}` }];
  }),
);

test("every folder of the product has a row in docs/architecture.md, and every row a folder", () => {
  expect(productFiles.filter(({ path }) => folderOf(path) === undefined)).toEqual([]);
  const used = new Set(productFiles.map(({ path }) => folderOf(path)));
  expect(folders.filter(({ name }) => !used.has(name))).toEqual([]);
});

test("a file imports only from its own folder and from those that its row names", () => {
  const allowed = new Map(folders.map(({ name, mayImport }) => [name, new Set(mayImport)]));
  expect(
    imports.filter(({ from, to }) => allowed.get(from)?.has(to) !== true).map(({ text }) => text),
  ).toEqual([]);
});

test("a row names only folders that are imported", () => {
  const made = new Set(imports.map(({ from, to }) => `${from} ${to}`));
  const unused = folders.flatMap(({ name, mayImport }) =>
    mayImport.filter((other) => !made.has(`${name} ${other}`)).map((other) => `${name}: ${other}`),
  );
  expect(unused).toEqual([]);
});

test("rows name only rows above them: there is one way down", () => {
  const upwards = folders.flatMap(({ name, mayImport }, height) =>
    mayImport
      .filter((other) => !(mutual.includes(name) && mutual.includes(other)))
      .filter((other) => (heightOf.get(other) ?? Number.POSITIVE_INFINITY) >= height)
      .map((other) => `${name}: ${other}`),
  );
  expect(upwards).toEqual([]);
});
