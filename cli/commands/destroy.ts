import { defineCommand, type Given } from "../definition/command.ts";
import { cdkArgs, cdkOptions } from "./deploy.ts";

export type DestroyGiven = Given<typeof cdkOptions, typeof cdkArgs>;

export const destroy = defineCommand({
  brief: "delete what was deployed, but for what holds state",
  options: cdkOptions,
  args: cdkArgs,
  behindDashes: { placeholder: "arguments", brief: 'more for "cdk destroy", such as -- --force' },
  examples: [{ line: "app.ts", effect: "says what stays, and lets the CDK delete the rest" }],
  load: async () => (await import("../destroy-command.ts")).destroyCommand,
});
