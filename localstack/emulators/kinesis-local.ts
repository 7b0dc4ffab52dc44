import { join } from "node:path";
import { type ChildServer, freePort, startChildServer } from "./child-server.ts";
import { npmInstall } from "./npm-install.ts";

const files = join(import.meta.dirname, "kinesis-local");

/** kinesis-local (the mock that LocalStack uses, for Node), in memory. */
export async function startKinesisLocal(port?: number): Promise<ChildServer> {
  const modules = await npmInstall("kinesis-local", files, "npm");
  const plain = port ?? (await freePort());
  const tls = await freePort();
  return await startChildServer({
    name: "kinesis-local 0.6.2",
    command: process.execPath,
    args: ["--require", join(files, "on-loopback.cjs"), "main.js"],
    // It finds its certificate from the folder that it runs in.
    cwd: join(modules, "kinesis-local"),
    env: {
      KINESIS_MOCK_PLAIN_PORT: String(plain),
      KINESIS_MOCK_TLS_PORT: String(tls),
      AWS_ACCOUNT_ID: "000000000000",
      AWS_REGION: "us-east-1",
      LOG_LEVEL: "ERROR",
      SHARD_LIMIT: "1000",
      // As fast as it goes, instead of the half second that AWS may take.
      ...Object.fromEntries(durations.map((name) => [`${name}_DURATION`, "0ms"])),
    },
    port: plain,
  });
}

const durations = "CREATE_STREAM DELETE_STREAM SPLIT_SHARD MERGE_SHARDS UPDATE_SHARD_COUNT".split(
  " ",
);
