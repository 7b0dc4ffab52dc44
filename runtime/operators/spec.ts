import type { Graph, Node } from "../graph/node.ts";
import type { MetricDeclarations } from "../graph/metric-declarations.ts";
import type { AnyResource } from "../graph/resource.ts";
import type { MigrateFunction } from "../graph/state-declarations.ts";
import type { PlannedState } from "../plan/plan.ts";
import type { AskedCall, CallAnswer, OperatorParts, Push } from "./contract.ts";
import type { Subtask } from "./subtask.ts";

/**
 * All that Millrace knows of a kind of operator. The planner asks it what the operator takes, gives and keeps, and a stage has it
 * make the operator: a new kind is a module with a spec, and a line in the registry.
 */
export interface OperatorSpec<N extends Node> {
  /**
   * How many streams feed it; "some" are one at least. What takes "two" or "many" is keyed by each, and what takes "one and broadcast" by the first; these
   * stand in a stage of their own.
   */
  readonly inputs: "none" | "one" | "two" | "many" | "one and broadcast" | "some";
  /** The users' functions by their names in messages; "" for the only one. They are refused where they are asynchronous. */
  readonly functions?: (node: N) => Readonly<Record<string, unknown>>;
  /** Whether a function may be a generator. Default: false. */
  readonly takesGenerators?: (node: N) => boolean;
  /** What it keeps for each key, in the order of the names. Absent: it has no state, and needs no key. */
  readonly states?: (node: N) => readonly OperatorState[];
  /** What its functions count and measure, by name. Absent: nothing. */
  readonly metrics?: (node: N) => MetricDeclarations;
  /** What its functions use that each process opens once. Absent: nothing. */
  readonly resources?: (node: N) => readonly AnyResource[];
  /** What of it the fingerprint depends on, besides its kind and the versions of its state. */
  readonly identity?: (node: N) => Readonly<Record<string, unknown>>;
  /** Absent: it has none. */
  readonly sideOutputs?: SideOutputs<N>;
  /** Whether it neither keeps nor changes what it is given; those behind it may. Default: it may. */
  readonly onlyReads?: (node: N) => boolean;
  readonly changelog: ChangelogOf<N>;
  /** Rules of its own. @throws MillraceError of the job domain */
  readonly check?: (node: N, graph: Graph) => void;
  /**
   * Makes what runs in a stage, with a function for each of its inputs where it has two. Absent for what only routes elements, and is
   * looked through: keyBy and union.
   */
  readonly create?: (node: N, parts: NodeParts) => Push | readonly Push[];
}

export interface SideOutputs<N> {
  readonly has: (node: N, tag: string) => boolean;
  /** What would be right, where a tag is asked for that it has not; absent where it has all. */
  readonly next?: string;
  /** Their elements are those of the input, with its changes. Default: new elements. */
  readonly passInput?: boolean;
  /** Which input's they are, where it has two. Default: the first one's. */
  readonly inputOf?: (node: N, tag: string) => number;
}

/** Which changes an output has, before anybody was asked what they need. */
export interface Changes {
  /** The node whose results are replaced or withdrawn: for messages. */
  readonly cause: Node;
  /** Why it does that: "fires again for late elements". */
  readonly why: string;
  /** Whether all changes of one result have one event time. */
  readonly isTimeStable: boolean;
  /** Nobody knows what is replaced or withdrawn: a result is told by its row's key alone. */
  readonly hasNoBefore?: true;
}

/** How a kind stands to results that are replaced or withdrawn (docs/changes.md). */
export interface ChangelogOf<N> {
  /**
   * What would make it take the changes that it is given, those of each of its inputs behind them; undefined where it takes them as it is.
   * Absent: it takes all.
   */
  readonly refuses?: (
    node: N,
    given: Changes,
    each: readonly (Changes | undefined)[],
  ) => string | undefined;
  /** What it gives where it is given changes, or none. */
  readonly gives: (node: N, given: Changes | undefined) => Changes | undefined;
  /** Whether it must know the value that is replaced, of one of its inputs. */
  readonly needsBefore: (node: N, need: Need, input: number) => boolean;
  /** Whether its replacements carry the value before though nobody needs it. Default: they don't. */
  readonly givesBefore?: (node: N) => boolean;
}

export interface Need {
  /** Somebody behind the node needs the values before. */
  readonly isNeeded: boolean;
  /** A sink that stands behind an exchange on its own key: the row of a result may be another one than before. */
  readonly isKeyedSink: boolean;
  /** The input's values before can be known. */
  readonly isKnown: boolean;
}

/** A state as it is planned, with the user's function, which a plan can't hold. */
export interface OperatorState extends Omit<PlannedState, "migrates"> {
  readonly migrate?: MigrateFunction<unknown>;
}

export interface NodeParts extends Omit<OperatorParts, "runtime"> {
  /** Identity of the operator. */
  readonly name: string;
  /** Of a keyed stage. */
  readonly subtask: Subtask | undefined;
  /** Answers a call of the element or timer in hand; undefined where it has yet to be made: the step is run again then. */
  readonly call: (asked: AskedCall) => CallAnswer | undefined;
  /** Takes what a sink of the stage writes. */
  readonly sink: (node: Extract<Node, { readonly kind: "sink" }>) => Push;
}

/** Changelog of what takes new elements alone, and gives new ones. */
export const newAlone = (advice: string) => ({
  refuses: () => advice,
  gives: () => undefined,
  needsBefore: () => false,
});

/** Changelogs of operators without state of their own. */
export const passesChanges = {
  gives: (_: unknown, given: Changes | undefined) => given,
  needsBefore: (_: unknown, { isNeeded }: Need) => isNeeded,
};
