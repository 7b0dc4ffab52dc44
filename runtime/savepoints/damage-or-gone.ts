import { readManifest } from "../checkpoint/manifest.ts";
import type { ObjectStore } from "../ports/index.ts";
import { isMissing } from "../job/missing-object.ts";

/**
 * protocol 6.8: whoever reads an epoch slowly finds its objects gone together with its manifest, which is retention and no damage.
 * For `catch`: throws what it is given, or that there is no such epoch any more.
 * @throws MillraceError `manifest-missing`
 */
export function damageOrGone(objects: ObjectStore, manifest: string) {
  return async (thrown: unknown): Promise<never> => {
    if (isMissing(thrown)) await readManifest(objects, manifest);
    throw thrown;
  };
}
