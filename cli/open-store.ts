import { quietTelemetry } from "../runtime/embedded/console-telemetry.ts";
import { checkStore, jobsInFolder } from "../runtime/embedded/jobs-in-folder.ts";
import { durablePorts, type EmbeddedPorts } from "../runtime/embedded/ports.ts";
import { systemClock, systemRandom, zstdCompression } from "../runtime/node/system-environment.ts";
import { zlibDecompression } from "../runtime/node/zlib-decompression.ts";
import { systemHeap } from "../runtime/node/system-heap.ts";
import { deploymentError } from "../runtime/errors/millrace-error.ts";
import type { ObjectStore, Ports } from "../runtime/ports/index.ts";
import { type StoreOptions, type StorePlace } from "./store-options.ts";
import { UsageError } from "./usage-error.ts";

/** A job's store, opened. */
export interface OpenStore {
  readonly ports: Ports;
  /** The same, where it is a folder. */
  readonly embedded?: EmbeddedPorts;
  readonly close: () => void;
}

const environment = {
  clock: systemClock,
  random: systemRandom,
  compression: zstdCompression,
  decompression: zlibDecompression,
  heap: systemHeap(),
  telemetry: quietTelemetry,
};

/** @throws MillraceError `store-missing` for a folder without a store, which is never made here. */
export async function openStore(place: StorePlace): Promise<OpenStore> {
  if (place.kind === "embedded") {
    checkStore(place.dir);
    const ports = durablePorts(place.dir);
    return { ports, embedded: ports, close: ports.close };
  }
  // The AWS SDK takes a while to load: only for those who need it.
  const { awsClients, awsPorts, closeClients } = await import("../runtime/aws/index.ts");
  const clients = awsClients(place.region === undefined ? {} : { region: place.region });
  return {
    ports: awsPorts({ ...place, environment, clients }),
    close: () => closeClients(clients),
  };
}

/**
 * The job that a command is about: the one that was named, or the only one of a folder.
 * @throws MillraceError `job-ambiguous`, `job-unknown`
 */
export async function jobOfStore({ place, job }: StoreOptions): Promise<string> {
  if (place.kind === "aws") {
    if (job !== undefined) return job;
    throw new UsageError("a deployed job is found by its name: --job <name>.");
  }
  const jobs = await jobsInFolder(place.dir);
  if (job !== undefined) {
    if (jobs.includes(job)) return job;
    throw deploymentError("job-unknown", {
      message: `There is no job "${job}" in "${place.dir}"; ${jobs.length === 0 ? "there is none" : `there are ${jobs.join(", ")}`}.`,
      next: "Look at the job's name and place.",
    });
  }
  const [only, ...others] = jobs;
  if (only !== undefined && others.length === 0) return only;
  throw deploymentError(only === undefined ? "job-unknown" : "job-ambiguous", {
    message:
      only === undefined
        ? `No job has run in "${place.dir}".`
        : `There are ${jobs.length} jobs in "${place.dir}": ${jobs.join(", ")}.`,
    next: "Say which one with --job <name>.",
  });
}

/** Where a copy goes. */
export interface OpenTarget {
  readonly objects: ObjectStore;
  readonly control?: Ports["control"];
  readonly close: () => void;
}

const s3Form = /^s3:\/\/([^/]+)\/?(.*)$/;

/** @throws UsageError where a target is neither a folder nor in S3. */
export function checkTarget(target: string): void {
  if (/^[a-z0-9]+:\/\//i.test(target) && !s3Form.test(target))
    throw new UsageError(`--to is "${target}"; it takes a folder or s3://<bucket>[/<prefix>].`);
}

/** Opens a folder, made where it isn't there, or `s3://<bucket>[/<prefix>]`. */
export async function openTarget(target: string, region: string | undefined): Promise<OpenTarget> {
  const [, bucket, prefix = ""] = s3Form.exec(target) ?? [];
  if (bucket === undefined) {
    const { objects, control, close } = durablePorts(target);
    return { objects, control, close };
  }
  const { awsClients, closeClients, s3ObjectStore } = await import("../runtime/aws/index.ts");
  const clients = awsClients(region === undefined ? {} : { region });
  const slash = prefix === "" || prefix.endsWith("/") ? prefix : `${prefix}/`;
  return {
    objects: s3ObjectStore({
      client: clients.s3,
      bucket,
      prefix: slash,
      clock: systemClock,
      random: systemRandom,
    }),
    close: () => closeClients(clients),
  };
}
