import { putAgain } from "../dev/index.ts";
import type { PutAgain } from "../http/served-store.ts";
import { systemClock } from "../runtime/node/system-environment.ts";
import { openStreamTarget, type TargetValues } from "./stream-target.ts";

/** Puts documents into streams of a folder or of a deployment, which are opened for it. */
export const putAgainTo =
  (values: TargetValues): PutAgain =>
  async (stream, put) => {
    const { writer, close } = await openStreamTarget(stream, values);
    try {
      return await putAgain({ writer, clock: systemClock, stream, ...put });
    } finally {
      close();
    }
  };
