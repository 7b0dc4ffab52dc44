import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";

/**
 * Writes the cloud assembly of an app without the CDK's command line, an account or a network:
 * `node cdk/synth.ts [app file] [output folder]`, by default the example's app into `cdk.out`.
 */
const [app = "examples/flight-delays/app.ts", folder = "cdk.out"] = process.argv.slice(2);

// This is how the CDK's own command line tells an app where to write; it must be set before the app is made.
process.env["CDK_OUTDIR"] = resolve(folder);
await import(resolve(app));

for (const file of readdirSync(folder))
  if (file.endsWith(".template.json")) console.log(join(folder, file));
