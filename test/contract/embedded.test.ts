import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { durablePorts, memoryPorts, type EmbeddedPorts } from "../../runtime/embedded/index.ts";
import { commitLogContract } from "./commit-log.contract.ts";
import { controlTableContract } from "./control-table.contract.ts";
import { fileSinkContract } from "./file-sink.contract.ts";
import { keyedTableContract } from "./keyed-table.contract.ts";
import { objectStoreContract } from "./object-store.contract.ts";
import { streamsContract } from "./streams.contract.ts";

interface Opened {
  readonly ports: EmbeddedPorts;
  readonly close: () => Promise<void>;
}

const kinds: readonly (readonly [name: string, open: () => Promise<Opened>])[] = [
  ["in memory", async () => ({ ports: memoryPorts(), close: async () => {} })],
  ["in SQLite and a folder", openFolder],
];

for (const [name, open] of kinds) {
  const portOf =
    <Port>(choose: (ports: EmbeddedPorts) => Port) =>
    async () => {
      const { ports, close } = await open();
      return { port: choose(ports), close };
    };
  commitLogContract(
    name,
    portOf(({ log }) => log),
  );
  controlTableContract(
    name,
    portOf(({ control }) => control),
  );
  objectStoreContract(
    name,
    portOf(({ objects }) => objects),
  );
  fileSinkContract(
    name,
    portOf(({ files }) => files),
  );
  keyedTableContract(name, async () => {
    const { ports, close } = await open();
    return { port: ports.tables, createTable: async () => {}, close };
  });
  streamsContract(
    name,
    async () => {
      const { ports, close } = await open();
      const { reader, writer, admin } = ports;
      return { reader, writer, ...admin, close };
    },
    { canEnd: true },
  );
}

async function openFolder(): Promise<Opened> {
  const dir = await mkdtemp(join(tmpdir(), "millrace-contract-"));
  const ports = durablePorts(dir);
  return {
    ports,
    async close() {
      ports.close();
      await rm(dir, { recursive: true });
    },
  };
}
