import { deploymentError } from "../runtime/errors/millrace-error.ts";
import type { ServedStore } from "./served-store.ts";

/** @throws MillraceError `writes-not-allowed` */
export function checkWrites({ allowWrites }: Pick<ServedStore, "allowWrites">): void {
  if (allowWrites) return;
  throw deploymentError("writes-not-allowed", {
    message: "Here it can be read what jobs do; nothing can be asked of them.",
    next: "Use the command line, or serve the API with writes.",
  });
}
