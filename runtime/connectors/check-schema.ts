import type { StandardSchemaV1 } from "@standard-schema/spec";
import { jobError } from "../errors/millrace-error.ts";

/** `what` it is the schema of, for messages: `stream "orders"`. @throws MillraceError `schema-invalid` */
export function checkSchema(schema: StandardSchemaV1, what: string): void {
  if (typeof schema?.["~standard"]?.validate === "function") return;
  throw jobError("schema-invalid", {
    message: `The schema of ${what} is not a Standard Schema.`,
    next: "Give a schema of zod, valibot or arktype, or unchecked<T>() to trust the producer.",
  });
}
