import { globSync, readdirSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

/**
 * Writes the cloud assembly of an app without the CDK's command line, an account or a network:
 * `node cdk/synth.ts [app file] [output folder]`, the folder by default `cdk.out`. Without an app: all examples' apps, each into a folder of
 * its own below `cdk.out`.
 */
const [app, folder = "cdk.out"] = process.argv.slice(2);

if (app !== undefined) await synthesize(app, folder);
else
  for (const example of globSync("examples/*/app.ts").toSorted())
    await synthesize(example, join(folder, basename(dirname(example))));

async function synthesize(file: string, outputFolder: string): Promise<void> {
  // This is how the CDK's own command line tells an app where to write; it must be set before the app is made.
  process.env["CDK_OUTDIR"] = resolve(outputFolder);
  await import(resolve(file));
  for (const name of readdirSync(outputFolder))
    if (name.endsWith(".template.json")) console.log(join(outputFolder, name));
}
