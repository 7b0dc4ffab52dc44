import { messageOf } from "../runtime/errors/millrace-error.ts";
import type { KeyValue } from "../runtime/graph/key-value.ts";
import { placeOfManifest } from "../runtime/layout/names.ts";
import {
  copySavepoint,
  deleteSavepoint,
  keyOfJson,
  listCheckpoints,
  openRequests,
  readManifest,
  readSavepoint,
  resolveReference,
  shortName,
  stateJson,
  type StateRow,
  takeSavepoint,
} from "../runtime/savepoints/index.ts";
import { reporting } from "./answer.ts";
import { withJob, withReference } from "./checkpoint-command.ts";
import { checkpointLines, requestLines } from "./checkpoint-text.ts";
import type {
  CopyGiven,
  DeleteGiven,
  ReadGiven,
  StoreGiven,
  TakeGiven,
} from "./commands/savepoint.ts";
import { checkTarget, jobOfStore, openStore, openTarget, type OpenTarget } from "./open-store.ts";
import { readableBytes } from "./readable.ts";
import { storeOptions } from "./store-options.ts";
import { UsageError } from "./usage-error.ts";

/** How long commands wait for the coordinator, given in seconds. */
export function waitOf({ timeout }: { readonly timeout: number }): { readonly timeoutMs: number } {
  return { timeoutMs: timeout * 1_000 };
}

/** `millrace savepoint take`. Answers the exit code. */
export async function takeCommand({ values }: TakeGiven): Promise<number> {
  const wait = waitOf(values);
  const { id } = values;
  return await withJob(storeOptions(values), async ({ ports }, job) => {
    const ask = { job, kind: "savepoint", ...(id === undefined ? {} : { id }) } as const;
    const taken = await takeSavepoint(ports, ask, wait);
    return {
      json: { type: "savepoint", job, ...taken },
      text: [
        `savepoint ${taken.id} of job ${job}: ${epochOf(taken.manifest)}`,
        `  ${taken.manifest}`,
      ],
    };
  });
}

/** `<generation>/<epoch>` of a manifest's key. */
export function epochOf(manifest: string): string {
  const place = placeOfManifest(manifest);
  return place === undefined ? manifest : `epoch ${shortName(place)}`;
}

/** `millrace savepoint list`. Answers the exit code. */
export async function listCommand({ values }: StoreGiven): Promise<number> {
  return await withJob(storeOptions(values), async ({ ports }, job) => {
    const all = await listCheckpoints(ports, job);
    const entries = all.filter(
      ({ savepoint, status }) => savepoint !== undefined && status !== "open",
    );
    const requests = await openRequests(ports, job);
    const table = entries.length === 0 ? [] : checkpointLines(entries);
    const text = [...table, ...requestLines(requests)];
    return {
      json: [
        ...entries.map((entry) => ({ type: "savepoint", ...entry })),
        ...requests.map((request) => ({ type: "request", job, ...request })),
      ],
      text: text.length === 0 ? [`job ${job} has no savepoints`] : text,
    };
  });
}

/** `millrace savepoint delete`. Answers the exit code. */
export async function deleteCommand({ values, args: [reference] }: DeleteGiven): Promise<number> {
  return await withReference(storeOptions(values), reference, async ({ ports }, manifest) => {
    await deleteSavepoint(ports, { manifest, force: values.force });
    return {
      json: { type: "deleted", manifest },
      text: [
        `savepoint ${reference} (${epochOf(manifest)}) was deleted; what only it referred to goes with the next garbage collection`,
      ],
    };
  });
}

/** `millrace savepoint read`: always JSON lines, one for each value, or entry of a map. Answers the exit code. */
export async function readCommand({ values, args: [reference] }: ReadGiven): Promise<number> {
  const { operator, state, key } = values;
  const wanted = {
    ...(operator === undefined ? {} : { operator }),
    ...(state === undefined ? {} : { state }),
    ...(key === undefined ? {} : { keys: keysOf(key) }),
  };
  const options = storeOptions(values);
  return await reporting(options.json, async () => {
    const store = await openStore(options.place);
    try {
      const job = placeOfManifest(reference)?.job ?? (await jobOfStore(options));
      const manifestKey = await resolveReference(store.ports, { job, reference });
      const manifest = await readManifest(store.ports.objects, manifestKey);
      for await (const row of readSavepoint(store.ports, manifest, wanted))
        await writeLine(JSON.stringify(rowJson(row)));
      return 0;
    } finally {
      store.close();
    }
  });
}

/** What is typed can be a text, or the JSON of a key: 42 finds the number and the text. */
function keysOf(typed: string): readonly KeyValue[] {
  let json: unknown;
  try {
    json = keyOfJson(JSON.parse(typed));
  } catch (thrown) {
    if (thrown instanceof SyntaxError && !/^\s*[[{"]/.test(typed)) return [typed];
    throw new UsageError(`--key is ${typed}, which can't be read as a key: ${messageOf(thrown)}.`);
  }
  if (json === null) throw new UsageError("--key is null, which is no key.");
  return typeof json === "number" || typeof json === "boolean" ? [json, typed] : [json as KeyValue];
}

function rowJson({ operator, state, key, mapKey, value }: StateRow): object {
  return {
    operator,
    state,
    ...(key === undefined ? {} : { key: stateJson(key) }),
    ...(mapKey === undefined ? {} : { mapKey: stateJson(mapKey) }),
    value: stateJson(value),
  };
}

/** Waits where the reader is slow: the state may be larger than memory. */
async function writeLine(line: string): Promise<void> {
  if (process.stdout.write(`${line}\n`)) return;
  await new Promise<void>((resolve) => void process.stdout.once("drain", resolve));
}

/** `millrace savepoint copy`. Answers the exit code. */
export async function copyCommand({ values, args: [reference] }: CopyGiven): Promise<number> {
  const { to } = values;
  checkTarget(to);
  return await withReference(storeOptions(values), reference, async ({ ports }, manifest) => {
    let target: OpenTarget | undefined;
    const region = values["to-region"] ?? values.region;
    try {
      const copied = await copySavepoint(ports, {
        manifest,
        to: async () => (target = await openTarget(to, region)),
      });
      const { written, present, bytes } = copied;
      return {
        json: { type: "copied", to, ...copied },
        text: [
          `savepoint ${reference} (${epochOf(manifest)}) was copied to ${to}: ${written} objects written, ${present} were there, ${readableBytes(bytes)}`,
          `  restore it there with: millrace restore ${manifest} <job.ts>`,
        ],
      };
    } finally {
      target?.close();
    }
  });
}
