import { join } from "node:path";
import { bundleJob } from "../bundle/index.ts";
import { loadBundle } from "../dev/index.ts";
import { removeTemporaryFolder, temporaryFolder } from "../dev/temporary-folder.ts";
import type { DocumentFormat } from "../runtime/connectors/documents.ts";
import type { SourceConnector } from "../runtime/graph/connectors.ts";
import { sourceOfStream } from "./source-of-stream.ts";
import { UsageError } from "./usage-error.ts";

/** How a job reads the records of a stream: what is put is made like it. */
export type RecordForm = Partial<SourceConnector<unknown> & DocumentFormat>;

/** Without a job's file: JSON that is not compressed. @throws UsageError where the job doesn't read the stream */
export async function formOfRecords(
  stream: string,
  jobFile: string | undefined,
): Promise<RecordForm> {
  if (jobFile === undefined) return {};
  const folder = temporaryFolder("bundle");
  try {
    const outfile = join(folder, "job.mjs");
    const { file } = bundleJob({ entry: jobFile, kind: "embedded", outfile });
    const { graph, plan } = await loadBundle(file);
    const source = sourceOfStream(graph, stream);
    if (source !== undefined) return source;
    const streams = plan.sources.map((each) => each.stream).join(", ");
    throw new UsageError(`job ${plan.job} reads no stream "${stream}"; it reads ${streams}.`);
  } finally {
    removeTemporaryFolder(folder);
  }
}
