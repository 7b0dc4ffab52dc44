import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { basename, join, resolve } from "node:path";
import { packageFolder } from "../bundle/package-folder.ts";
import { deploymentError } from "../runtime/errors/millrace-error.ts";
import type { InitGiven } from "./commands/init.ts";
import { ownSpecifier } from "./own-specifier.ts";
import { UsageError } from "./usage-error.ts";

/** Files of the template that name the project. */
const named = ["package.json", "job.ts", "app.ts", "README.md"];
const nameForm = /^[a-z][a-z0-9-]{0,40}$/;

/** `millrace init`: writes a small project, which runs, tests and synthesises as it is. Answers the exit code. */
export function initCommand({ values, args: [typed] }: InitGiven): number {
  const folder = resolve(typed);
  const name = basename(folder);
  if (!nameForm.test(name))
    throw new UsageError(
      `the folder's name is the job's: "${name}" must be small letters, digits and hyphens, 41 at most, with a letter first.`,
    );
  writeProject(folder, name, values.package ?? ownSpecifier());
  process.stdout.write(
    `${name} is written to ${folder}\n  cd ${typed}\n  npm install\n  npm start\n  npm test\n`,
  );
  return 0;
}

/** @throws MillraceError `folder-not-empty` */
function writeProject(folder: string, name: string, millrace: string): void {
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw deploymentError("folder-not-empty", {
      message: `"${folder}" is not empty.`,
      next: "Give the name of a new folder; nothing was written.",
    });
  }
  mkdirSync(folder, { recursive: true });
  cpSync(join(packageFolder, "templates/default"), folder, { recursive: true });
  // npm leaves files of this name out of a package.
  renameSync(join(folder, "gitignore"), join(folder, ".gitignore"));
  const stack = name
    .split("-")
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join("");
  for (const file of named) {
    const text = readFileSync(join(folder, file), "utf8")
      .replaceAll("{{name}}", name)
      .replaceAll("{{stack}}", stack)
      .replaceAll("{{millrace}}", millrace);
    writeFileSync(join(folder, file), text);
  }
}
