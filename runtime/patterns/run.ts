/** Stands for an element or a node where there is none yet. */
export const notBegun = -1;

/**
 * One way in which a match may go on, as it is kept: in which state it is, and its last node in the shared buffer. The first of them has not
 * begun, and is always there.
 */
export type Run = readonly [
  state: number,
  node: number,
  /** Number and time of its first element. */
  start: number,
  startMs: number,
  /** Time of its last element. */
  previousMs: number,
];

/** All that is kept of a key's matches, besides the buffer. */
export interface KeptRuns {
  /** Of which pattern: the runs of another one mean nothing. */
  readonly pattern: number;
  /** Those that are open, and those that wait for one that began earlier: in the order of their heaps. */
  open: Run[];
  done: Run[];
  /** Numbers of the next element and node of the buffer. */
  nextEvent: number;
  nextNode: number;
}

export const hasBegun = ([, , start]: Run): boolean => start !== notBegun;

type Runs = Pick<KeptRuns, "open" | "done">;

/** How many matches have begun, those that wait included. */
export const begunOf = ({ open, done }: Runs): number => open.filter(hasBegun).length + done.length;

export const hasAnyBegun = ({ open, done }: Runs): boolean =>
  done.length > 0 || open.some(hasBegun);
