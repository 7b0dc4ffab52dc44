import { join } from "node:path";
import { bundleJob } from "../bundle/index.ts";
import { buildPlan, type EmbeddedJob, loadBundle, restoreJob } from "../dev/index.ts";
import { temporaryFolder } from "../dev/temporary-folder.ts";
import { jobsInFolder } from "../runtime/embedded/jobs-in-folder.ts";
import { placeOfManifest } from "../runtime/layout/names.ts";
import {
  type Manifest,
  readManifest,
  resolveReference,
  restore,
  type Restored,
  verifySavepoint,
} from "../runtime/savepoints/index.ts";
import { defaultSlotSettings } from "../runtime/job/job-runtime.ts";
import { type Answer, answering } from "./answer.ts";
import { awsNames } from "./aws-names.ts";
import type { RestoreGiven } from "./commands/restore.ts";
import { jobOfStore, type OpenStore, openStore } from "./open-store.ts";
import { epochOf } from "./savepoint-command.ts";
import { placeText, type StoreOptions, storeOptions } from "./store-options.ts";
import { UsageError } from "./usage-error.ts";

type Values = RestoreGiven["values"];

/** `millrace restore <ref> <job.ts>`: makes a generation of a job out of a checkpoint. Answers the exit code. */
export async function restoreCommand({
  values,
  args: [reference, jobFile],
}: RestoreGiven): Promise<number> {
  const options = storeOptions(values);
  checkShards(values);
  return await answering(options, async () => {
    const store = await openStore(options.place);
    try {
      const own = await loadJob(jobFile);
      const of = placeOfManifest(reference)?.job ?? (await savedJob(options, own));
      const job = values.name === undefined ? own : renamed(own, values.name);
      const key = await resolveReference(store.ports, { job: of, reference });
      const manifest = await readManifest(store.ports.objects, key);
      // Whatever is damaged is found before anything is changed.
      await verifySavepoint(store.ports, key, manifest);
      const restored = await restoreInto(store, { job, key, manifest, values });
      return answerOf(restored, { job, key, jobFile, options, values });
    } finally {
      store.close();
    }
  });
}

function checkShards(values: Values): void {
  for (const option of ["shards", "exchange-shards"] as const)
    if (values[option] !== undefined && values.dir === undefined)
      throw new UsageError(`--${option} goes with --dir; deployed streams are resharded in AWS.`);
}

async function loadJob(entry: string): Promise<EmbeddedJob> {
  // Traces lead through the bundle: it goes when the process exits.
  const outfile = join(temporaryFolder("restore"), "job.mjs");
  const { file } = bundleJob({ entry, kind: "embedded", outfile });
  return await loadBundle(file);
}

/** The job that the checkpoint is of: another one than that which is restored, where it is forked. */
async function savedJob(options: StoreOptions, { plan }: EmbeddedJob): Promise<string> {
  if (options.job !== undefined || options.place.kind === "aws") return options.job ?? plan.job;
  const jobs = await jobsInFolder(options.place.dir);
  return jobs.includes(plan.job) ? plan.job : await jobOfStore(options);
}

/** @throws MillraceError `job-name-invalid` */
function renamed({ graph }: EmbeddedJob, name: string): EmbeddedJob {
  const forked = { ...graph, job: name };
  return { graph: forked, plan: buildPlan(forked) };
}

interface Restoring {
  readonly job: EmbeddedJob;
  readonly key: string;
  readonly manifest: Manifest;
  readonly values: Values;
}

async function restoreInto(store: OpenStore, restoring: Restoring): Promise<Restored> {
  const { job, key, values } = restoring;
  const allowNonRestoredState = values["allow-non-restored-state"];
  const { shards, "exchange-shards": exchangeShards } = values;
  if (store.embedded !== undefined)
    return await restoreJob({
      job,
      ports: store.embedded,
      manifest: key,
      allowNonRestoredState,
      ...(shards === undefined ? {} : { sourceShards: shards }),
      ...(exchangeShards === undefined ? {} : { exchangeShards }),
    });
  const runtime = {
    ...job,
    ports: store.ports,
    names: awsNames(values),
    settings: defaultSlotSettings,
  };
  return await restore({ job: runtime, manifest: key, allowNonRestoredState });
}

interface Done extends Omit<Restoring, "manifest"> {
  readonly jobFile: string;
  readonly options: StoreOptions;
}

function answerOf(restored: Restored, { job, key, jobFile, options, values }: Done): Answer {
  const { generation, slots, dropped, manifest } = restored;
  const name = job.plan.job;
  const { place } = options;
  const named = values.name === undefined ? "" : ` --name ${values.name}`;
  return {
    json: { type: "restored", job: name, generation, manifest: key, slots, dropped },
    text: [
      `generation ${generation} of job ${name} was restored from ${manifest.job} ${epochOf(key)}: ${slots} slots`,
      ...(dropped.length === 0 ? [] : [`  left behind: the state of ${dropped.join(", ")}`]),
      place.kind === "embedded"
        ? `  run it: millrace dev ${jobFile}${named} ${placeText(place)}`
        : "  the deployed functions go on with it by themselves, once they are of this version of the job",
    ],
  };
}
