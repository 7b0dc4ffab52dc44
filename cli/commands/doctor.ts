import { defineCommand, type Given } from "../definition/command.ts";
import { storeOptionDefinitions } from "./store-options.ts";

const { region, json } = storeOptionDefinitions;
const options = { region, json };

export type DoctorGiven = Given<typeof options, readonly []>;

export const doctor = defineCommand({
  brief: "look whether this machine and the account have what is needed, and say what to do",
  options,
  args: [],
  notes: [
    "It looks at Node, SQLite and the CDK; at credentials, region and clock; and, with credentials, at the CDK's bootstrap and the quotas of Lambda, Kinesis and DynamoDB. It reads only. The exit code is 1 where something must be mended.",
  ],
  examples: [{ line: "--region eu-central-1", effect: "this machine, and the account there" }],
  load: async () => (await import("../doctor-command.ts")).doctorCommand,
});
