import { jobError } from "../errors/millrace-error.ts";
import type { SourceConnector } from "../graph/connectors.ts";
import { generatorSourceSpec } from "./generator-source.ts";
import { kinesisSourceSpec } from "./kinesis-source.ts";
import type { SourceSpec } from "./source-spec.ts";

/** Every type of source. */
const specs = {
  generator: generatorSourceSpec,
  kinesis: kinesisSourceSpec,
};

type AnySourceSpec = SourceSpec<SourceConnector<unknown>>;

export const sourceTypes = Object.keys(specs);

/** @throws MillraceError `source-unknown` */
export function sourceSpecOf({ type }: { readonly type: string }): AnySourceSpec {
  if (Object.hasOwn(specs, type)) return specs[type as keyof typeof specs] as AnySourceSpec;
  throw jobError("source-unknown", {
    message: `There is no type of source "${type}".`,
    next: `Make sources with the functions of millrace/connectors: ${sourceTypes.join(", ")}.`,
  });
}

/** The sources that read streams: whoever deploys or runs a job sees to it that these are there. */
export function readsStream(source: { readonly type: string }): boolean {
  return sourceSpecOf(source).needs === "stream";
}
