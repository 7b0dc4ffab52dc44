import { reshardingContract } from "./resharding.contract.ts";
import { streamReaderContract } from "./stream-reader.contract.ts";
import { streamWriterContract } from "./stream-writer.contract.ts";
import type { StreamCapabilities, StreamFixture } from "./stream-fixture.ts";

/** What every pair of stream reader and writer keeps; run it against each adapter. */
export function streamsContract(
  name: string,
  create: () => Promise<StreamFixture>,
  capabilities: StreamCapabilities,
): void {
  streamReaderContract(name, create);
  streamWriterContract(name, create, capabilities);
  reshardingContract(name, create, capabilities);
}
