import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { deploymentError } from "../../runtime/errors/millrace-error.ts";
import type { Template } from "./template.ts";

/** One stack of a cloud assembly. */
export interface StackAssembly {
  readonly name: string;
  readonly template: Template;
  /** Folder with a function's code, by the key that the template gives it in the bucket of assets. */
  readonly assets: ReadonlyMap<string, string>;
}

export interface SynthesizeOptions {
  /** File of the CDK app. */
  readonly app: string;
  /** Where the assembly goes. */
  readonly folder: string;
  /** Which stack. Default: the only one. */
  readonly stack?: string;
  /** Environment variables of the app, beside this process's own. */
  readonly variables?: Readonly<Record<string, string>>;
}

/**
 * Runs a CDK app as the CDK's own command line does, and reads what it synthesized.
 * @throws deployment errors `app-not-synthesized` and `stack-unknown`
 */
export async function synthesize({
  app,
  folder,
  stack,
  variables,
}: SynthesizeOptions): Promise<StackAssembly> {
  const child = spawn(process.execPath, ["--enable-source-maps", resolve(app)], {
    env: { ...process.env, ...variables, CDK_OUTDIR: folder },
    stdio: ["ignore", "inherit", "pipe"],
  });
  let printed = "";
  child.stderr.on(
    "data",
    (chunk: Buffer) => void (printed = (printed + chunk.toString()).slice(-4_000)),
  );
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0)
    throw deploymentError("app-not-synthesized", {
      message: `The CDK app ${app} ended with ${code}: ${printed.trim()}`,
      next: "Mend the app; it must be a file that Node runs, such as app.ts.",
    });
  return await readStack(folder, stack);
}

interface Manifest {
  readonly artifacts: Readonly<
    Record<
      string,
      { readonly type: string; readonly properties: { readonly templateFile?: string } }
    >
  >;
}

interface AssetManifest {
  readonly files: Readonly<
    Record<
      string,
      {
        readonly source: { readonly path: string };
        readonly destinations: Readonly<Record<string, { readonly objectKey: string }>>;
      }
    >
  >;
}

async function readStack(folder: string, wanted: string | undefined): Promise<StackAssembly> {
  const { artifacts } = await readJson<Manifest>(join(folder, "manifest.json"));
  const stacks = Object.entries(artifacts).filter(
    ([, { type }]) => type === "aws:cloudformation:stack",
  );
  const names = stacks.map(([name]) => name);
  const found = wanted === undefined && names.length === 1 ? names[0] : wanted;
  const artifact = stacks.find(([name]) => name === found)?.[1];
  if (found === undefined || artifact === undefined)
    throw deploymentError("stack-unknown", {
      message: `The app has ${names.length === 0 ? "no stack" : `the stacks ${names.join(", ")}`}.`,
      next: "Say which one is meant with --stack <name>.",
    });
  const { files } = await readJson<AssetManifest>(join(folder, `${found}.assets.json`));
  const assets = Object.values(files).flatMap(({ source, destinations }) =>
    Object.values(destinations).map(
      ({ objectKey }) => [objectKey, resolve(folder, source.path)] as const,
    ),
  );
  const templateFile = artifact.properties.templateFile ?? `${found}.template.json`;
  const template = await readJson<Template>(join(folder, templateFile));
  return { name: found, template, assets: new Map(assets) };
}

async function readJson<T>(file: string): Promise<T> {
  return JSON.parse(await readFile(file, "utf8")) as T;
}
