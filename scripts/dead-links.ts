import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { anchorOf } from "../site/documents.ts";

/**
 * Follows the relative links of all Markdown files below a folder, and the places in files that they name: `node scripts/dead-links.ts <folder>`.
 * Prints those that lead nowhere, and ends with 1 where there are any.
 */
const folder = resolve(process.argv[2] ?? ".");
const files = globSync("**/*.md", { cwd: folder, exclude: ["**/node_modules/**"] });

/** A second heading of a name has a number. */
function anchorsOf(text: string): ReadonlySet<string> {
  const seen = new Map<string, number>();
  const headings = withoutCode(text).matchAll(/^#{1,6} (.+)$/gm);
  return new Set(
    Array.from(headings, ([, heading = ""]) => {
      const anchor = anchorOf(heading);
      const before = seen.get(anchor) ?? 0;
      seen.set(anchor, before + 1);
      return before === 0 ? anchor : `${anchor}-${before}`;
    }),
  );
}

function withoutCode(text: string): string {
  return text.replaceAll(/^```[\s\S]*?^```$/gm, "");
}

function isDead(file: string, link: string): boolean {
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? join(folder, file) : join(folder, dirname(file), path);
  if (!existsSync(target)) return true;
  if (anchor === undefined || !target.endsWith(".md")) return false;
  return !anchorsOf(readFileSync(target, "utf8")).has(anchor);
}

let links = 0;
const dead = files.flatMap((file) => {
  const text = withoutCode(readFileSync(join(folder, file), "utf8"));
  const found = [...text.matchAll(/\]\(([^()\s]+)\)/g)].map(([, link = ""]) => link);
  const own = found.filter((link) => !/^[a-z]+:/.test(link));
  links += own.length;
  return own.filter((link) => isDead(file, link)).map((link) => `${file}: ${link}`);
});
for (const line of dead) console.log(`dead link: ${line}`);
console.log(
  `${links} links of ${files.length} documents in ${relative(process.cwd(), folder) || "."}`,
);
process.exitCode = dead.length > 0 || links === 0 ? 1 : 0;
