import { streamNameOf } from "../runtime/graph/connectors.ts";
import type { Graph, SourceNode } from "../runtime/graph/node.ts";
import type { StreamRecord } from "../runtime/ports/index.ts";
import { sourceDecoder } from "../runtime/slot/program/source-decoder.ts";
import type { InputLine } from "./input-lines.ts";
import type { ShownElement } from "./play-step.ts";
import { decompression } from "./playground-ports.ts";

/** Tells which elements a source makes of a line that arrives at a time, by the very decoder that its slots use. */
export function elementReader(
  graph: Graph,
): (line: InputLine, arrivalMs: number) => readonly ShownElement[] {
  const sources = graph.nodes.filter((node): node is SourceNode => node.kind === "source");
  const decoders = new Map(
    sources.map((node) => [
      streamNameOf(node.uid, node.source),
      sourceDecoder(node, { decompression }),
    ]),
  );
  return ({ line, stream, document }, arrivalMs) => {
    const data = new TextEncoder().encode(document);
    const record: StreamRecord = { sequence: "0", partitionKey: "-", data, arrivalMs };
    const decoder = decoders.get(stream);
    const documents = decoder?.documentsOf(record) ?? [];
    return documents.map((text) => {
      const decoded = decoder?.decode(text, record);
      const timestampMs = decoded?.ok === true ? decoded.timestampMs : undefined;
      return { line, stream, document, ...(timestampMs !== undefined && { timestampMs }) };
    });
  };
}
