/** What opens a resource is told. */
export interface OpenContext {
  /** Name of the job. */
  readonly job: string;
}

/**
 * Something that functions use and that takes long to make: a client, a connection, a table that is read from a file. Each process that
 * serves slots of the job (a Lambda environment, a worker thread) opens it once, before the first element that may need it.
 */
export interface Resource<R> {
  readonly open: (context: OpenContext) => R | PromiseLike<R>;
  readonly close?: (value: R) => void | PromiseLike<void>;
}

/** Of any type. */
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyResource = Resource<any>;

/** What an operator declares of the kind. */
export interface UsesResources {
  /** What its functions ask `ctx.resource` for. Default: nothing. */
  readonly resources?: readonly AnyResource[];
}

/** Gives what a resource was opened to. @throws MillraceError `resource-undeclared` */
export type GetResource = <R>(resource: Resource<R>) => R;

/** Where a function runs. */
export interface JobContext {
  /** Name of the job. */
  readonly name: string;
  /** The slot, by its stream and shard: Flink's subtask. Keys move between slots when shards are split and merged. */
  readonly slot: string;
  /** Number of key groups: slots of a stage at most. */
  readonly maxParallelism: number;
}
