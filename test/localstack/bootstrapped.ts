import { CreateBucketCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localAccount, localIdentity } from "../../localstack/emulators/emulators.ts";
import { runTool } from "../../localstack/emulators/install-once.ts";
import type { MotoCalls } from "./moto-calls.ts";

/** What `cdk bootstrap` leaves in an account, as far as a template refers to it. */
export interface Bootstrapped {
  /** Uploads an assembly's assets, code as archives, as `cdk deploy` does before it calls CloudFormation. */
  publish(folder: string, stack: string): Promise<Published>;
}

export interface Published {
  /** Where CloudFormation finds the template. */
  readonly templateUrl: string;
  /** SHA-256 of each asset in base 64, as Lambda tells it, by key in the bucket. */
  readonly hashes: ReadonlyMap<string, string>;
}

interface AssetManifest {
  readonly files: Readonly<Record<string, Asset>>;
}

interface Asset {
  readonly source: { readonly path: string; readonly packaging: "zip" | "file" };
  readonly destinations: Readonly<
    Record<string, { readonly bucketName: string; readonly objectKey: string }>
  >;
}

const bucket = `cdk-hnb659fds-assets-${localAccount}-${localIdentity.AWS_REGION}`;

export async function bootstrapped(s3: S3Client, moto: MotoCalls): Promise<Bootstrapped> {
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  await moto.json("ssm", "AmazonSSM.PutParameter", {
    Name: "/cdk-bootstrap/hnb659fds/version",
    Type: "String",
    Value: "30",
  });
  const hashes = new Map<string, string>();
  return {
    publish: async (folder, stack) => {
      let templateKey = "";
      const manifest = await readFile(join(folder, `${stack}.assets.json`), "utf8");
      for (const { source, destinations } of Object.values(
        (JSON.parse(manifest) as AssetManifest).files,
      )) {
        const path = join(folder, source.path);
        for (const { bucketName, objectKey: Key } of Object.values(destinations)) {
          if (source.path.endsWith(".template.json")) templateKey = Key;
          // As with the CDK, what has the same content was uploaded already.
          if (hashes.has(Key)) continue;
          const Body = source.packaging === "zip" ? await zipped(path) : await readFile(path);
          hashes.set(Key, createHash("sha256").update(Body).digest("base64"));
          await s3.send(new PutObjectCommand({ Bucket: named(bucketName), Key, Body }));
        }
      }
      // moto takes the bucket from the first part of the path.
      const templateUrl = `https://s3.amazonaws.com/${bucket}/${templateKey}`;
      return { templateUrl, hashes };
    },
  };
}

const named = (bucketName: string): string =>
  bucketName
    .replace("${AWS::AccountId}", localAccount)
    .replace("${AWS::Region}", localIdentity.AWS_REGION);

/** Python, which moto needs anyway, writes the archive. */
async function zipped(folder: string): Promise<Uint8Array> {
  const scratch = await mkdtemp(join(tmpdir(), "millrace-asset-"));
  try {
    const archive = join(scratch, "code.zip");
    await runTool({
      command: "python3",
      args: ["-m", "zipfile", "-c", archive, "."],
      cwd: folder,
    });
    return await readFile(archive);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
