import type { DocumentFormat } from "../runtime/connectors/documents.ts";
import type { SourceConnector } from "../runtime/graph/connectors.ts";
import type { Graph } from "../runtime/graph/node.ts";

/** The source of a job that reads a stream, as it was defined. */
export function sourceOfStream(
  { nodes }: Graph,
  stream: string,
): (SourceConnector<unknown> & Partial<DocumentFormat>) | undefined {
  const found = nodes.find((node) => node.kind === "source" && node.source.stream === stream);
  return found?.kind === "source" ? found.source : undefined;
}
