import type { FaultName } from "../faults.ts";
import type { Mission } from "../operator.ts";

/** One replacement in a source file. */
export interface Edit {
  /** From the repository's root. */
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
}

/** A protocol rule, disabled: the simulator has to notice. */
export interface Mutation {
  readonly name: string;
  /** Its number in docs/protocol.md. */
  readonly rule: string;
  /** What it disables, in one sentence. */
  readonly disables: string;
  readonly edits: readonly Edit[];
  readonly focus?: Focus;
  /** Where the table begins: a seed shortly before the first that notices. Default: 1. */
  readonly from?: number;
}

/** A rule whose removal the simulator does not notice. */
export interface NotFound extends Mutation {
  readonly why: "not needed" | "not tested";
  readonly reason: string;
}

/** Where a mutation is likely to show. */
export interface Focus {
  /** Names of shapes, run in rotation; all where it is absent. */
  readonly shapes?: readonly string[];
  /** Faults that occur in each world, whatever its seed says. */
  readonly faults?: readonly FaultName[];
  /** What the operator of each world does, whatever its seed says. */
  readonly mission?: Mission;
}
