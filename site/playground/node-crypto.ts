import { positionOfPartitionKey } from "../../runtime/serde/hash-space.ts";

/** The one hash that the embedded streams take of Node's crypto: md5 in hex. */
export function hash(_algorithm: "md5", text: string): string {
  return positionOfPartitionKey(text);
}
