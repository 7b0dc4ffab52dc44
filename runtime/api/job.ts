import { jobError } from "../errors/millrace-error.ts";
import type { Graph, JobOptions } from "../graph/node.ts";
import { checkpointing } from "./checkpointing.ts";
import { createEnvironment, type StreamEnvironment } from "./environment.ts";
import { graphBuilder } from "./graph-builder.ts";
import { fixedDelay } from "./restart.ts";

const brand = Symbol.for("millrace.job");

/** A job as a module exports it: what is deployed, run, explained and tested. */
export interface JobDefinition {
  readonly name: string;
  readonly graph: Graph;
}

/**
 * Defines a job. `build` is called once, at once, and must not be asynchronous.
 *
 * @param name 1 to 63 characters: a letter, then letters, digits and hyphens. State and streams are found under it.
 * @param options Defaults: `maxParallelism` 1024, `restart` fixedDelay of 3 attempts, 1 second apart, `checkpoints`
 *   checkpointing().
 * @throws MillraceError `build-asynchronous`, and what the streams' methods throw. The planner checks the whole.
 */
export function defineJob(
  name: string,
  build: (env: StreamEnvironment) => void,
  options: Partial<JobOptions> = {},
): JobDefinition {
  const builder = graphBuilder(name);
  const returned: unknown = build(createEnvironment(builder));
  if (returned instanceof Promise) throw asynchronous(name, returned);
  const graph = builder.finish(
    Object.freeze({
      maxParallelism: options.maxParallelism ?? 1024,
      restart: options.restart ?? fixedDelay({ attempts: 3, delay: { seconds: 1 } }),
      ...(options.operatorRestart !== undefined && {
        operatorRestart: Object.freeze({ ...options.operatorRestart }),
      }),
      checkpoints: options.checkpoints ?? checkpointing(),
    }),
  );
  return Object.freeze({ name, graph, [brand]: true });
}

/** True for jobs of any copy of the package in the process. */
export function isJobDefinition(value: unknown): value is JobDefinition {
  return (
    typeof value === "object" &&
    value !== null &&
    (value as Record<symbol, unknown>)[brand] === true
  );
}

function asynchronous(name: string, running: Promise<unknown>): Error {
  // What it throws later has no one to tell; the job is refused already.
  running.catch(() => undefined);
  return jobError("build-asynchronous", {
    message: `The function that builds job "${name}" is asynchronous.`,
    next: "Fetch what it needs before, with a top-level await, and build synchronously.",
  });
}
