import type { MappingSettings } from "../../runtime/event-source/mapping-options.ts";

/** An event source mapping as it is configured in AWS. */
export interface MappingConfiguration extends MappingSettings {
  readonly uuid: string;
  readonly functionArn: string;
  readonly reportBatchItemFailures: boolean;
}
