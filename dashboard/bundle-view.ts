import { join } from "node:path";
import { buildSync } from "esbuild";
import { browserOptions } from "./bundle-console.ts";

const browser = join(import.meta.dirname, "browser");

/** The script that defines `<millrace-view>`, with its style in it. */
export function bundledView(): Uint8Array {
  const [style] = buildSync({
    ...browserOptions,
    entryPoints: [join(browser, "embed/style.css")],
    write: false,
  }).outputFiles;
  const [script] = buildSync({
    ...browserOptions,
    entryPoints: [join(browser, "view.ts")],
    define: { embeddedStyle: JSON.stringify(style!.text) },
    write: false,
  }).outputFiles;
  return script!.contents;
}
