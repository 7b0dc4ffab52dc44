import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { packageFolder, packageVersion } from "../bundle/package-folder.ts";
import { isFields } from "../runtime/serde/fields.ts";

/**
 * How a project depends on this very copy of the package: by its version where it came from a registry, by the file where npm
 * installed a file, and by its folder where it was not installed at all. Paths are absolute: the project lies wherever it likes.
 */
export function ownSpecifier(): string {
  const modules = dirname(packageFolder);
  if (!modules.endsWith("node_modules")) return `file:${packageFolder}`;
  const resolved = resolvedBy(join(modules, ".package-lock.json"));
  if (resolved?.startsWith("file:"))
    return `file:${resolve(dirname(modules), resolved.slice("file:".length))}`;
  return `^${packageVersion()}`;
}

/** What npm wrote down of where the package came from, beside the packages that it installed. */
function resolvedBy(lockFile: string): string | undefined {
  try {
    const lock: unknown = JSON.parse(readFileSync(lockFile, "utf8"));
    const packages = isFields(lock) ? lock["packages"] : undefined;
    const own = isFields(packages) ? packages["node_modules/millrace"] : undefined;
    const resolved = isFields(own) ? own["resolved"] : undefined;
    return typeof resolved === "string" ? resolved : undefined;
  } catch {
    // Another package manager installed it, and has its own ways: the version is the best there is.
    return undefined;
  }
}
