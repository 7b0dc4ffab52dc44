import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { bundlePlayground } from "../scripts/bundle-playground.ts";
import { documents, linksOf, placeOf, root } from "./documents.ts";
import { drawFigures } from "./draw-figures.ts";
import { llmsText } from "./llms.ts";

/** Builds the site into `site/.vitepress/dist`: static files, of which no page asks another host for anything. */
const folder = join(root, "site");
const run = (script: string, ...args: readonly string[]): void =>
  void execFileSync(process.execPath, [join(folder, "node_modules", script), ...args], {
    cwd: folder,
    stdio: "inherit",
  });
const dist = join(folder, ".vitepress/dist");
const all = documents();
writeFileSync(join(folder, ".vitepress/figures.json"), JSON.stringify(await drawFigures(all)));
// The reference of the interfaces, from their docstrings: pages of `site/api`.
run("typedoc/bin/typedoc", "--options", "typedoc.json");
run("vitepress/bin/vitepress.js", "build", folder);
await bundlePlayground(join(dist, "playground"));
writeFileSync(join(dist, "llms.txt"), llmsText(all));
for (const document of all) {
  put(`${placeOf(document.path)}.md`, document.text);
  // What a page links to and is no page, such as an example's code or a picture, stands where the link leads.
  for (const { to } of linksOf(document))
    if (!to.endsWith(".md")) put(to, readFileSync(join(root, to)));
}

function put(name: string, contents: string | Uint8Array): void {
  const file = join(dist, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, contents);
}
