import type { Shape } from "../shape.ts";
import { aligned } from "./aligned.ts";
import { alignment } from "./alignment.ts";
import { broadcast } from "./broadcast.ts";
import { calls } from "./calls.ts";
import { changes } from "./changes.ts";
import { countWindow } from "./count-windows.ts";
import { customWatermarks } from "./custom-watermarks.ts";
import { discarding } from "./discarding.ts";
import { dropDuplicates } from "./drop-duplicates.ts";
import { expiring } from "./expiring.ts";
import { files } from "./files.ts";
import { idleUnion } from "./idle-union.ts";
import { intervalJoin } from "./interval-join.ts";
import { connect, join } from "./join.ts";
import { keyedCount } from "./keyed-count.ts";
import { multiJoin } from "./multi-join.ts";
import { pattern } from "./pattern.ts";
import { readFiles } from "./read-files.ts";
import { rolling } from "./rolling.ts";
import { session } from "./session.ts";
import { sideOutputs } from "./side-outputs.ts";
import { sliding } from "./sliding.ts";
import { stateless } from "./stateless.ts";
import { temporalJoin } from "./temporal-join.ts";
import { timers } from "./timers.ts";
import { tumbling } from "./tumbling.ts";
import { twoKeyBys } from "./two-key-bys.ts";
import { windowJoin } from "./window-join.ts";

export const shapes: readonly Shape[] = [
  stateless,
  keyedCount,
  readFiles,
  twoKeyBys,
  tumbling,
  customWatermarks,
  alignment,
  sliding,
  session,
  countWindow,
  discarding,
  join,
  connect,
  intervalJoin,
  windowJoin,
  temporalJoin,
  multiJoin,
  pattern,
  rolling,
  calls,
  broadcast,
  timers,
  expiring,
  sideOutputs,
  idleUnion,
  aligned,
  dropDuplicates,
  changes,
  files,
];
