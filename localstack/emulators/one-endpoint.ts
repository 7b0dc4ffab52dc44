import {
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  realpath,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { deploymentError } from "../../runtime/errors/millrace-error.ts";
import { type ChildServer, freePort } from "./child-server.ts";
import { installDynamodbLocal } from "./dynamodb-local.ts";
import { installOnce, runTool } from "./install-once.ts";
import { installLocalStack, startLocalStackIn } from "./localstack.ts";
import { npmInstall } from "./npm-install.ts";

const files = import.meta.dirname;
const kinesisVersion = "0.6.2";
/** With another DynamoDB Local there are other jars. */
const dynamodbPins = [join(files, "dynamodb-local", "pom.xml")];

/**
 * LocalStack with one endpoint for Kinesis, DynamoDB, S3 and CloudFormation, without Docker. It would download its emulators of Kinesis
 * and DynamoDB; the ones that are installed here are put in their place. They listen on 127.0.0.1 as their launchers say, and end with
 * LocalStack.
 */
export async function startOneEndpoint(port?: number): Promise<ChildServer> {
  const folder = await installLocalStack();
  const listening = port ?? (await freePort());
  const root = await mkdtemp(join(tmpdir(), "millrace-one-endpoint-"));
  const removeRoot = () => rm(root, { recursive: true, force: true });
  await putInPlace(join(root, "var", "lib", "localstack", "lib"));
  const server = await startLocalStackIn({
    folder,
    root,
    listening,
    env: {
      SERVICES: "cloudformation,dynamodb,kinesis,s3",
      KINESIS_MOCK_VERSION: kinesisVersion,
      KINESIS_LATENCY: "0",
      KINESIS_PERSISTENCE: "0",
      KINESIS_SHARD_LIMIT: "1000",
      DYNAMODB_IN_MEMORY: "1",
      DYNAMODB_HEAP_SIZE: "1g",
      NODE_OPTIONS: `--require ${join(files, "kinesis-local", "on-loopback.cjs")}`,
      // Its emulators start with the first call otherwise, which then takes longer than a client waits.
      EAGER_SERVICE_LOADING: "1",
    },
  }).catch(async (thrown: unknown) => {
    await removeRoot();
    throw thrown;
  });
  return {
    ...server,
    stop: async () => {
      await server.stop();
      await removeRoot();
    },
  };
}

/** Lays out LocalStack's folder of libraries as its own installers would. */
async function putInPlace(libraries: string): Promise<void> {
  const kinesis = await npmInstall("kinesis-local", join(files, "kinesis-local"), "npm");
  const dynamodb = await installDynamodbLocal();
  const jars = await launcherJars(dynamodb);
  const links: readonly (readonly [string, string])[] = [
    [kinesis, join("kinesis-local", kinesisVersion, "node_modules")],
    [await javaHome(), join("java", "21")],
    [join(dynamodb, "lib"), join("dynamodb-local", "2", "DynamoDBLocal_lib")],
    [join(dynamodb, "classes"), join("dynamodb-local", "2", "classes")],
  ];
  for (const [target, link] of links) {
    await mkdir(join(libraries, link, ".."), { recursive: true });
    await symlink(target, join(libraries, link));
  }
  // Copies: Java follows a link before it looks for what stands beside an archive.
  const place = join(libraries, "dynamodb-local", "2");
  await copyFile(join(jars, "DynamoDBLocal.jar"), join(place, "DynamoDBLocal.jar"));
  await copyFile(join(jars, "NoAgent.jar"), join(place, "ddb-local-loader-0.1.jar"));
}

/** Jars that only name what they are made of: LocalStack starts DynamoDB Local by its archive, with an agent. */
function launcherJars(dynamodb: string): Promise<string> {
  const agent = join(files, "localstack", "NoAgent.java");
  return installOnce({
    name: "localstack-dynamodb",
    pins: [agent, ...dynamodbPins],
    needs: "a JDK of 17 or later",
    install: async (into) => {
      const libraries = await readdir(join(dynamodb, "lib"));
      const jars = libraries.filter((name) => name.endsWith(".jar")).toSorted();
      // A jar's own place is what these are relative to.
      const path = ["classes/", ...jars.map((name) => `DynamoDBLocal_lib/${name}`)].join(" ");
      await writeFile(
        join(into, "dynamodb.txt"),
        `Main-Class: OnLoopback\n${manifestLine(`Class-Path: ${path}`)}`,
      );
      await writeFile(join(into, "agent.txt"), "Premain-Class: NoAgent\n");
      const run = (command: string, ...args: readonly string[]) =>
        runTool({ command, args, cwd: into });
      await run("javac", "-d", ".", agent);
      await run("jar", "cfm", "NoAgent.jar", "agent.txt", "NoAgent.class");
      await run("jar", "cfm", "DynamoDBLocal.jar", "dynamodb.txt");
    },
  });
}

/** A manifest's lines have 72 bytes at most; what is longer goes on behind a blank. */
function manifestLine(text: string): string {
  const rest = text.slice(70).match(/.{1,69}/g) ?? [];
  return [text.slice(0, 70), ...rest.map((part) => ` ${part}`), ""].join("\n");
}

/** Where the `java` of this machine is at home. */
async function javaHome(): Promise<string> {
  const given = process.env["JAVA_HOME"];
  if (given !== undefined && given !== "") return given;
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    const java = await realpath(join(folder, "java")).catch(() => undefined);
    if (java !== undefined) return dirname(dirname(java));
  }
  throw deploymentError("emulator-not-installed", {
    message: "There is no java in PATH, and JAVA_HOME is not set.",
    next: "Install a JDK of 17 or later.",
  });
}
