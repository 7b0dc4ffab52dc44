import { deploymentError, messageOf } from "../errors/millrace-error.ts";
import { nodeAt } from "../graph/node-at.ts";
import type { AnyResource, GetResource } from "../graph/resource.ts";
import { resourcesOf } from "../operators/registry.ts";
import type { Stage } from "../plan/plan.ts";
import type { JobRuntime } from "./job-runtime.ts";

interface Opened {
  readonly value: unknown;
}

/** What a process has opened for a job. */
interface OpenResources {
  readonly opened: Map<AnyResource, Opened>;
  /** On their way: slots of a process may ask at once. */
  readonly opening: Map<AnyResource, Promise<void>>;
}

const openOf = new WeakMap<JobRuntime, OpenResources>();

function openResources(job: JobRuntime): OpenResources {
  let own = openOf.get(job);
  if (own === undefined) openOf.set(job, (own = { opened: new Map(), opening: new Map() }));
  return own;
}

/**
 * Opens what operators of these stages use and the process has not opened yet. Nothing else of a slot may begin before.
 * @throws MillraceError `resource-not-opened`, retryable
 */
export async function openResourcesOf(job: JobRuntime, stages: readonly Stage[]): Promise<void> {
  const { opened, opening } = openResources(job);
  for (const { operators } of stages)
    for (const { node } of operators)
      for (const resource of resourcesOf(nodeAt(job.graph, node))) {
        if (opened.has(resource)) continue;
        let way = opening.get(resource);
        if (way === undefined) {
          // Behind `set`, also where it fails at once: what has failed is not found again.
          way = openOne(job, resource, node).finally(() => opening.delete(resource));
          opening.set(resource, way);
        }
        await way;
      }
}

async function openOne(job: JobRuntime, resource: AnyResource, node: number): Promise<void> {
  const { opened } = openResources(job);
  const { uid, name } = nodeAt(job.graph, node);
  try {
    opened.set(resource, { value: await resource.open({ job: job.plan.job }) });
  } catch (cause) {
    throw deploymentError("resource-not-opened", {
      ...(uid !== undefined && { uid }),
      message: `A resource of "${uid ?? name}" can't be opened: ${messageOf(cause)}`,
      next: "The batch comes again, and it is tried again. Look at what its open function needs: addresses, permissions, time.",
      retryable: true,
      cause,
    });
  }
}

/** How operators get what was opened for them. */
export function resourceGetter(job: JobRuntime): GetResource {
  return (resource) => {
    const found = openOf.get(job)?.opened.get(resource);
    if (found === undefined) throw new Error("A function runs before its resource was opened.");
    return found.value as never;
  };
}

/**
 * Closes all that the process has opened for a job, the last first; what fails is told and hinders nothing.
 * Nothing of the job may run any more.
 */
export async function closeResources(job: JobRuntime): Promise<void> {
  const { opened } = openResources(job);
  openOf.delete(job);
  for (const [resource, { value }] of [...opened].reverse()) {
    try {
      await resource.close?.(value);
    } catch (thrown) {
      const { telemetry } = job.ports;
      telemetry.log("warn", "a resource can't be closed", { error: messageOf(thrown) });
    }
  }
}
