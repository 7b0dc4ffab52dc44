import { jobError } from "../errors/millrace-error.ts";
import type { SourceConnector } from "../graph/connectors.ts";
import { fileSourceSpec } from "./file-source.ts";
import { generatorSourceSpec } from "./generator-source.ts";
import { kinesisSourceSpec } from "./kinesis-source.ts";
import type { SourceResource, SourceSpec } from "./source-spec.ts";

/** Every type of source. */
const specs = {
  files: fileSourceSpec,
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

/** What has to be there before a source reads. */
export function sourceResourceOf(source: {
  readonly type: string;
  readonly stream: string;
}): SourceResource | undefined {
  return sourceSpecOf(source).resource?.(source);
}

export function readsStream(source: Parameters<typeof sourceResourceOf>[0]): boolean {
  return sourceResourceOf(source)?.kind === "stream";
}
