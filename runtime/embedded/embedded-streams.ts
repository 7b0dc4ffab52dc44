import type { StreamReader, StreamWriter } from "../ports/streams.ts";
import type { StreamAdmin } from "./stream-admin.ts";

export interface EmbeddedStreams {
  readonly reader: StreamReader;
  readonly writer: StreamWriter;
  readonly admin: StreamAdmin;
}
