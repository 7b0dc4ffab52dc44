import { anyText, flag, optional } from "../definition/option.ts";

export const jsonOption = { json: flag("one JSON object per line") };

/** Options that all commands about a job's store have: where it is, and how they answer. */
export const storeOptionDefinitions = {
  dir: optional(
    "folder",
    'the folder that "millrace dev" was given; the job may be running in another process',
    anyText,
  ),
  outputs: optional(
    "file",
    'a deployment, by what "millrace deploy" or "cdk deploy --outputs-file <file>" wrote',
    anyText,
  ),
  table: optional("name", "job table of a deployment (default: MILLRACE_TABLE)", anyText),
  bucket: optional("name", "bucket of a deployment (default: MILLRACE_BUCKET)", anyText),
  prefix: optional("text", "what the names of a deployment's objects begin with", anyText),
  region: optional("name", "region of a deployment (default: as the AWS SDK finds it)", anyText),
  job: optional("name", "which job (default: the folder's only one, or MILLRACE_JOB)", anyText),
  ...jsonOption,
};
