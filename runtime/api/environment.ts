import type { SourceConnector } from "../graph/connectors.ts";
import type { KeyValue } from "../graph/key-value.ts";
import type { WatermarkStrategy } from "../graph/watermark-strategy.ts";
import type { DataStream } from "./data-stream.ts";
import type { GraphBuilder } from "./graph-builder.ts";
import { keyOf, type KeyFieldOf } from "./key-fields.ts";
import { previously } from "./previously.ts";
import { dataStream } from "./streams.ts";

export interface SourceOptions<T> {
  /** Stable name: positions in the stream are found under it. 1 to 128 characters of `A-Z a-z 0-9 . _ -`. */
  readonly uid: string;
  /** Uids that it had in earlier versions of the job: a restore goes on from their positions. Default: none. */
  readonly previousUids?: readonly string[];
  /** How elements get their timestamps, and how event time goes on. */
  readonly watermarks: WatermarkStrategy<T>;
  /**
   * Promises that the partition key of every record is, as text, this field of its element, or what this function takes of it. A keyBy by
   * the same field, or the same function, then needs no exchange.
   */
  readonly partitionedBy?: KeyFieldOf<T> | ((value: T) => KeyValue);
}

/** Where a job's streams begin. */
export interface StreamEnvironment {
  /** Reads a stream. Its elements have the type that the connector's schema gives. */
  source<T>(connector: SourceConnector<T>, options: SourceOptions<NoInfer<T>>): DataStream<T>;
}

export function createEnvironment(builder: GraphBuilder): StreamEnvironment {
  const environment: StreamEnvironment = {
    source(connector, { uid, watermarks, partitionedBy, previousUids }) {
      const edge = builder.add(
        {
          kind: "source",
          uid,
          source: connector,
          watermarks,
          inputs: [],
          ...previously(previousUids),
          ...(partitionedBy !== undefined && { partitionedBy: keyOf(partitionedBy).select }),
        },
        environment.source,
      );
      return dataStream(builder, edge);
    },
  };
  return Object.freeze(environment);
}
