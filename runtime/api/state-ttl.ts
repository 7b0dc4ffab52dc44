import { jobError } from "../errors/millrace-error.ts";
import { durationMs } from "../graph/duration.ts";
import type { MayExpire, StateTtl } from "../graph/state-ttl.ts";

const words: Readonly<Record<string, readonly string[]>> = {
  update: ["onCreateAndWrite", "onReadAndWrite"],
  visibility: ["neverReturnExpired", "returnExpiredIfNotCleanedUp"],
  time: ["processing", "event"],
};

/**
 * The part of some options that says how long state lives; nothing where it is absent.
 * @throws MillraceError `state-ttl-invalid`, `duration-invalid`
 */
export function ttlOf({ ttl }: { readonly ttl?: StateTtl | undefined }): MayExpire {
  if (ttl === undefined) return {};
  const { after, update = "onCreateAndWrite", visibility = "neverReturnExpired" } = ttl;
  const { time = "processing" } = ttl;
  const given = { update, visibility, time };
  for (const [option, word] of Object.entries(given)) {
    const known = words[option] ?? [];
    if (!known.includes(word))
      throw invalid(`${option} is ${JSON.stringify(word)}; it must be one of ${known.join(", ")}.`);
  }
  const afterMs = durationMs(after ?? {});
  if (afterMs <= 0) throw invalid(`after is ${afterMs} ms; it must be above 0.`);
  return { ttl: Object.freeze({ afterMs, ...given }) };
}

function invalid(fault: string): Error {
  return jobError("state-ttl-invalid", {
    message: `A state's ttl can't be so: ${fault}`,
    next: 'Write for example valueState<number>({ ttl: { after: { hours: 24 }, update: "onReadAndWrite" } }).',
  });
}
