import { type Collected, type StagedRef, writeStaged } from "../../checkpoint/staged.ts";
import { readEpochs } from "../../checkpoint/epochs.ts";
import type { SlotMeta } from "../../job/slot-meta.ts";
import type { CommitBody } from "../image/commit-body.ts";
import { placeOf, type SlotImage } from "../image/slot-image.ts";

/**
 * protocol 6.9: what was collected for a sink goes into an object before the commit that names it, once it is large enough, or all of
 * it where a commit leaves nothing collected. An attempt that loses leaves objects that nobody names.
 */
export async function withStaged(
  image: SlotImage,
  body: CommitBody,
  { all }: { readonly all: boolean },
): Promise<CommitBody> {
  const { ports, settings } = image.job;
  const { collected: added = [], ...rest } = body;
  const due: string[] = [];
  const refs: StagedRef[] = [];
  for (const [sink, collected] of bySink([...image.collected, ...added])) {
    const bytes = collected.reduce((sum, { content }) => sum + content.length, 0);
    if (!all && bytes < settings.stagedObjectBytes) continue;
    const place = { ...placeOf(image), version: body.meta.version, id: ports.random.id() };
    refs.push(await writeStaged(ports, place, { sink, epoch: image.meta.epoch, collected }));
    due.push(sink);
  }
  if (due.length === 0) return body;
  const left = added.filter(({ sink }) => !due.includes(sink));
  return {
    ...rest,
    meta: { ...body.meta, staged: [...(body.meta.staged ?? []), ...refs] },
    ...(left.length > 0 && { collected: left }),
    staged: due,
  };
}

function bySink(collected: readonly Collected[]): ReadonlyMap<string, readonly Collected[]> {
  return Map.groupBy(collected, ({ sink }) => sink);
}

/** A slot's meta without what a complete epoch has made visible: a cut asks once, and commits go on with what is left. */
export async function withoutCommitted({ job, generation, meta }: SlotImage): Promise<SlotMeta> {
  const { staged, ...rest } = meta;
  if (staged === undefined) return meta;
  const { epochs } = await readEpochs(job.ports, job.plan.job, generation.generation);
  const left = staged.filter(({ epoch }) => epoch >= (epochs.completed ?? 0));
  return left.length === 0 ? rest : { ...rest, staged: left };
}
