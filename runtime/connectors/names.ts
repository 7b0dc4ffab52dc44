import { jobError } from "../errors/millrace-error.ts";
import { isInherited } from "../graph/inherited-names.ts";

/** Checks the name of a stream, as Kinesis has them. */
export function checkStreamName(stream: string): void {
  if (typeof stream === "string" && /^[A-Za-z0-9_.-]{1,128}$/.test(stream) && !isInherited(stream))
    return;
  throw jobError("stream-name-invalid", {
    message: `${JSON.stringify(stream)} is not the name of a Kinesis stream that a job can use.`,
    next: 'Give 1 to 128 characters of A-Z a-z 0-9 _ . -, and none that every object of JavaScript has, as "constructor".',
  });
}

/** Checks the name of a folder of files. */
export function checkFolderName(folder: string): void {
  if (typeof folder === "string" && /^[A-Za-z0-9_-]{1,100}$/.test(folder) && !isInherited(folder))
    return;
  throw jobError("folder-name-invalid", {
    message: `${JSON.stringify(folder)} is not the name of a folder that a job can use.`,
    next: 'Give 1 to 100 characters of A-Z a-z 0-9 _ -, and none that every object of JavaScript has, as "constructor".',
  });
}

/** Checks the name of a table, as DynamoDB has them. */
export function checkTableName(table: string): void {
  if (typeof table === "string" && /^[A-Za-z0-9_.-]{3,255}$/.test(table) && !isInherited(table))
    return;
  throw jobError("table-name-invalid", {
    message: `${JSON.stringify(table)} is not the name of a DynamoDB table that a job can use.`,
    next: 'Give 3 to 255 characters of A-Z a-z 0-9 _ . -, and none that every object of JavaScript has, as "constructor".',
  });
}
