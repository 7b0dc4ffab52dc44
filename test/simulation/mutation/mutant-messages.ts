import type { FaultName } from "../faults.ts";
import type { Mission } from "../operator.ts";

/** What a process with a bundled simulator is to run: seeds `first`, `first + 1`, …, over the shapes in rotation. */
export interface RunOrder {
  /** Names of shapes; empty for all. */
  readonly shapes: readonly string[];
  readonly faults: readonly FaultName[];
  readonly mission?: Mission | undefined;
  readonly first: number;
  readonly last: number;
}

export type MutantMessage =
  | { readonly kind: "passed"; readonly seed: number }
  | ({ readonly kind: "failed" } & SeedFailure)
  | { readonly kind: "done" };

export interface SeedFailure {
  readonly seed: number;
  readonly shape: string;
  readonly failure: string;
}
