import { transform } from "sucrase";
import * as zod from "zod";
import { jobOf } from "../bundle/job-of.ts";
import type { JobDefinition } from "../runtime/api/job.ts";
import * as connectors from "../runtime/connectors/index.ts";
import * as sketches from "../runtime/sketches/index.ts";
import { jobError, messageOf } from "../runtime/errors/millrace-error.ts";
import * as millrace from "../runtime/index.ts";
import * as patterns from "../runtime/patterns/index.ts";

/** What a job's text can import. */
const modules: Readonly<Record<string, unknown>> = {
  millrace,
  "millrace/connectors": connectors,
  "millrace/sketches": sketches,
  "millrace/patterns": patterns,
  zod,
};

/**
 * Makes a job of the text of its file: types are taken away, not checked.
 * @throws MillraceError `playground-syntax`, `playground-import`, `job-not-exported`, and whatever the file throws.
 */
export function loadJob(text: string): JobDefinition {
  const module: { exports: { default?: unknown } } = { exports: {} };
  // The text is the visitor's own, and runs in a worker of their own. On one line with what it is wrapped in, so that errors name its lines.
  const wrapped = `(function (require, exports, module) {${javaScriptOf(text)}\n})\n//# sourceURL=job.ts`;
  // oxlint-disable-next-line no-eval
  const run = (0, eval)(wrapped) as (...parts: readonly unknown[]) => void;
  run(required, module.exports, module);
  return jobOf(module.exports, "The file");
}

function javaScriptOf(text: string): string {
  try {
    return transform(text, { transforms: ["typescript", "imports"], disableESTransforms: true })
      .code;
  } catch (cause) {
    throw jobError("playground-syntax", {
      message: `The file is no TypeScript: ${messageOf(cause)}`,
      next: "The numbers are its line and column.",
      cause,
    });
  }
}

function required(name: string): unknown {
  if (Object.hasOwn(modules, name)) return modules[name];
  throw jobError("playground-import", {
    message: `The playground has no module "${name}".`,
    next: `It has ${Object.keys(modules).join(", ")}.`,
  });
}
