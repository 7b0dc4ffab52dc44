import type { Graph } from "../graph/node.ts";

/** An operator as users know it. */
export interface OperatorPlace {
  /** Its kind and uid, as `millrace explain` prints them. */
  readonly title: string;
  /** Where it was defined, as `folder/file.ts:line:column`; absent where that isn't known. */
  readonly definedAt?: string;
}

/** The operator of an identity, `<stage>/<uid>` or `<stage>/<name>-<node>`; undefined where there is none. */
export function operatorPlace({ nodes }: Graph, identity: string): OperatorPlace | undefined {
  const own = identity.slice(identity.lastIndexOf("/") + 1);
  const node =
    nodes.find(({ uid }) => uid === own) ??
    nodes.find(({ uid, name, id }) => uid === undefined && `${name}-${id}` === own);
  if (node === undefined) return undefined;
  const { kind, uid, definedAt } = node;
  return {
    title: uid === undefined ? kind : `${kind} ${uid}`,
    ...(definedAt !== undefined && { definedAt }),
  };
}
