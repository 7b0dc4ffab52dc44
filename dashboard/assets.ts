import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { bundledConsole, plainFiles } from "./bundle-console.ts";
import { bundledView } from "./bundle-view.ts";

/** A file of the console, or of views in other pages, as it is sent to a browser. */
export interface ConsoleAsset {
  readonly bytes: Uint8Array;
  /** Media type. */
  readonly type: string;
}

const types: Readonly<Record<string, string>> = {
  "console.html": "text/html; charset=utf-8",
  "console.js": "text/javascript; charset=utf-8",
  "console.css": "text/css; charset=utf-8",
  "console.svg": "image/svg+xml",
  "view.js": "text/javascript; charset=utf-8",
};

/** What the package ships; the repository has none, and bundles what the folder `browser` holds. */
const built = join(import.meta.dirname, "built");

let files: ReadonlyMap<string, Uint8Array> | undefined;

/**
 * The console's file at a path of its address, "/" or "/console.js" for example; undefined where there is none. The first call reads all of
 * them, or makes them: in the repository that takes esbuild a moment.
 */
export function consoleAsset(path: string): ConsoleAsset | undefined {
  const name = path === "/" ? "console.html" : path.slice(1);
  if (!Object.hasOwn(types, name)) return undefined;
  files ??= existsSync(built) ? shipped() : made();
  const bytes = files.get(name);
  return bytes === undefined ? undefined : { bytes, type: types[name]! };
}

const shipped = (): ReadonlyMap<string, Uint8Array> =>
  new Map(Object.keys(types).map((name) => [name, readFileSync(join(built, name))]));

const made = (): ReadonlyMap<string, Uint8Array> =>
  new Map([
    ...plainFiles.map((file) => [basename(file), readFileSync(file)] as const),
    ["view.js", bundledView()],
    ...bundledConsole().map(({ path, contents }) => [basename(path), contents] as const),
  ]);
