import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

export const root = resolve(import.meta.dirname, "..");

export interface Document {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
  /** Its first heading. */
  readonly title: string;
}

/** All that the site shows, by path. */
export function documents(): readonly Document[] {
  const paths = globSync(
    ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs/**/*.md", "examples/*/README.md"],
    { cwd: root },
  );
  return paths.toSorted().map((path) => {
    const text = readFileSync(join(root, path), "utf8");
    return { path, text, title: /^# (.+)$/m.exec(text)?.[1] ?? path };
  });
}

/** Where a document stands in the site, without its ending: where it stands in the repository, so that links hold in both. */
export function placeOf(path: string): string {
  return path === "README.md" ? "index" : path.replace(/\.md$/, "");
}

/** The anchor of a heading, as GitHub makes it, so that links hold in both places. */
export function anchorOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(/\s/g, "-");
}

/** Where the links of a document lead, from the root of the repository; those to other hosts left out. */
export function linksOf({
  path,
  text,
}: Document): readonly { readonly to: string; readonly anchor?: string }[] {
  return Array.from(
    text.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g),
    ([, target = "", anchor]) => ({
      to: target === "" ? path : new URL(target, `file:///${path}`).pathname.slice(1),
      ...(anchor !== undefined && { anchor }),
    }),
  );
}
