import type { StandardSchemaV1 } from "@standard-schema/spec";

/**
 * A schema that accepts every JSON document as a `T`. It trusts the producer: what isn't a `T` fails later, in user code.
 */
export function unchecked<T>(): StandardSchemaV1<unknown, T> {
  return {
    "~standard": {
      version: 1,
      vendor: "millrace",
      validate: (value) => ({ value: value as T }),
    },
  };
}
