import { jobError } from "../errors/millrace-error.ts";
import type { Node } from "../graph/node.ts";
import type { Changes } from "../operators/spec.ts";
import { named, withUid } from "../plan/place.ts";

/**
 * An operator that would count what is replaced or withdrawn twice. What takes changes must say how it takes a value back, or
 * that it looks at the change itself: `mend` says how.
 */
export function changesNotTaken(node: Node, { cause, why }: Changes, mend: string): Error {
  return jobError("changes-not-taken", {
    ...withUid(node),
    message: `The ${named(node)} would count results twice: the ${named(cause)} ${why}.`,
    next: `${mend}; or take every change as an element of its own with toChangelogStream().`,
  });
}
