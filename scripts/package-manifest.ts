import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { bundleConsole } from "../dashboard/bundle-console.ts";
import { bundledView } from "../dashboard/bundle-view.ts";

/**
 * Completes `dist/`, where the compiler has been, to the package that is published: `npm pack ./dist`. The repository's own manifest
 * points to TypeScript, which Node does not strip inside of `node_modules`.
 */
const root = resolve(import.meta.dirname, "..");
const dist = join(root, "dist");

interface Manifest {
  readonly exports: Readonly<Record<string, string>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

const kept = [
  "name",
  "version",
  "description",
  "keywords",
  "license",
  // Where there is a place that they lead to.
  "repository",
  "homepage",
  "bugs",
  "type",
  "engines",
  "dependencies",
  "peerDependencies",
  "peerDependenciesMeta",
] as const;

const source = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest;
const compiled = (files: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(files).map(([name, file]) => [name, file.replace(/\.ts$/, ".js")]),
  );

/** What a browser runs is bundled; its types are written by hand beside it, so that nobody needs those of what is in it. */
const view = "./dashboard/built/view.js";

const manifest = {
  ...Object.fromEntries(kept.map((field) => [field, source[field]])),
  bin: compiled(source.bin),
  exports: { ...compiled(source.exports), "./view": view },
};
writeFileSync(join(dist, "package.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
for (const file of ["README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md"])
  cpSync(join(root, file), join(dist, file));
// What the local world installs and starts beside its own code.
cpSync(join(root, "localstack"), join(dist, "localstack"), {
  recursive: true,
  filter: (file) => !file.endsWith(".ts"),
});
const built = join(dist, "dashboard/built");
bundleConsole(built);
writeFileSync(join(built, "view.js"), bundledView());
cpSync(join(root, "dashboard/view-types.d.ts"), join(built, "view.d.ts"));
// What Prometheus and Grafana read.
cpSync(join(root, "monitoring"), join(dist, "monitoring"), {
  recursive: true,
  filter: (file) => !file.endsWith(".ts"),
});
for (const folder of ["docs", "examples", "templates"]) {
  rmSync(join(dist, folder), { recursive: true, force: true });
  cpSync(join(root, folder), join(dist, folder), { recursive: true });
}
