import type { Change } from "../../graph/change.ts";
import type { KeyValue } from "../../graph/key-value.ts";
import type { Push } from "../../operators/contract.ts";
import { keyIdentity } from "../../serde/key-identity.ts";
import type { KeySelector } from "./key-selector.ts";

type Send = (
  key: KeyValue,
  value: unknown,
  timestampMs: number,
  change: Change,
  before?: unknown,
) => void;

/** Finds the key of what is sent. A replacement whose value had another key before is withdrawn there, and new here. */
export function keyedPush(selector: KeySelector, send: Send): Push {
  return (value, timestampMs, change, before) => {
    const key = selector.select(value);
    if (before === undefined) return send(key, value, timestampMs, change);
    const keyBefore = selector.select(before);
    if (keyIdentity(keyBefore) === keyIdentity(key))
      return send(key, value, timestampMs, change, before);
    send(keyBefore, before, timestampMs, "delete");
    send(key, value, timestampMs, "insert");
  };
}
