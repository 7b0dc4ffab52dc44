import {
  type EventSourceMappingConfiguration,
  type LambdaClient,
  paginateListEventSourceMappings,
} from "@aws-sdk/client-lambda";
import type { MappingFault, SourceControl } from "../ports/index.ts";

export interface EventSourceControlOptions {
  readonly functionName: string;
  readonly client: LambdaClient;
}

/** Checks the live event source mappings of the process function against what the protocol needs (docs/protocol.md, section 3). */
export function eventSourceControl({
  functionName,
  client,
}: EventSourceControlOptions): SourceControl {
  return {
    check: async (streams) => {
      const mappings: EventSourceMappingConfiguration[] = [];
      for await (const page of paginateListEventSourceMappings(
        { client },
        { FunctionName: functionName },
      )) {
        mappings.push(...(page.EventSourceMappings ?? []));
      }
      return streams.flatMap((stream) => faultsOf(stream, mappings));
    },
  };
}

function faultsOf(
  stream: string,
  mappings: readonly EventSourceMappingConfiguration[],
): readonly MappingFault[] {
  // With enhanced fan-out it is the consumer's ARN: `…:stream/<name>/consumer/<consumer>:<time>`.
  const mapping = mappings.find(
    ({ EventSourceArn: arn = "" }) => /:stream\/([^/]+)/.exec(arn)?.[1] === stream,
  );
  if (mapping === undefined)
    return [{ stream, fault: "missing: no event source mapping feeds the process function" }];
  const faults: string[] = [];
  const {
    State,
    ParallelizationFactor = 1,
    MaximumRetryAttempts = -1,
    MaximumRecordAgeInSeconds = -1,
    FunctionResponseTypes = [],
  } = mapping;
  if (State !== "Enabled" && State !== "Creating" && State !== "Enabling" && State !== "Updating")
    faults.push(`its state is ${State}`);
  // With more than one, siblings' lower sequence numbers would be skipped.
  if (ParallelizationFactor !== 1)
    faults.push(`its parallelization factor is ${ParallelizationFactor}; it must be 1`);
  if (MaximumRetryAttempts !== -1)
    faults.push(
      `it gives up after ${MaximumRetryAttempts} retries; it must retry without limit (-1)`,
    );
  if (MaximumRecordAgeInSeconds !== -1)
    faults.push(
      `it drops records older than ${MaximumRecordAgeInSeconds} s; it must keep all (-1)`,
    );
  if (!FunctionResponseTypes.includes("ReportBatchItemFailures"))
    faults.push("it does not report batch item failures");
  return faults.map((fault) => ({ stream, fault }));
}
