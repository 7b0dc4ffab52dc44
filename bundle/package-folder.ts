import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Root folder of this copy of the package. */
export const packageFolder = dirname(import.meta.dirname);

/**
 * Where each import of this package leads: `millrace/connectors` → `/…/runtime/connectors/index.ts`.
 * Jobs are always bundled with the copy that bundles them, wherever they lie, so that graph, plan and handler agree.
 */
export function packageAliases(): Record<string, string> {
  const { name, exports } = manifest();
  return Object.fromEntries(
    Object.entries(exports).map(([path, file]) => [
      name + path.slice(1),
      join(packageFolder, file),
    ]),
  );
}

/** Version of this copy of the package. */
export const packageVersion = (): string => manifest().version;

const manifest = (): PackageJson =>
  JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8")) as PackageJson;

interface PackageJson {
  readonly name: string;
  readonly version: string;
  /** Keys are `.` or `./path`. */
  readonly exports: Readonly<Record<string, string>>;
}
