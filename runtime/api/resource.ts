import type { Resource } from "../graph/resource.ts";

/**
 * Declares something that each process opens once for the job's functions, however many slots and operators use it: define it outside of the job's
 * function, name it in the `resources` of the operators, and get it from `ctx.resource`.
 * `open` may wait. Where it fails the batch comes again, and it is tried again. `close` is called when a run on one machine ends, and in Lambda when an
 * environment is told that it ends, which it is only where an extension is registered.
 * @example const db = resource({ open: () => connect(url), close: (pool) => pool.end() });
 */
export function resource<R>({ open, close }: Resource<R>): Resource<R> {
  return Object.freeze({ open, ...(close !== undefined && { close }) });
}
