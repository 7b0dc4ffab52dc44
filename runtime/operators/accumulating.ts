import type { StateDeclaration } from "../graph/state-declarations.ts";

/** How values become one that is kept, and what comes of that. */
export interface Accumulating {
  readonly first: (value: unknown) => unknown;
  readonly add: (kept: unknown, value: unknown) => unknown;
  readonly result: (kept: unknown) => unknown;
}

type Declaration = Extract<StateDeclaration, { readonly kind: "reducing" | "aggregating" }>;

export function accumulating(declaration: Declaration): Accumulating {
  if (declaration.kind === "reducing")
    return { first: (value) => value, add: declaration.reduce, result: (kept) => kept };
  const { create, add, result } = declaration.aggregate;
  return { first: (value) => add(create(), value), add, result };
}
