import { broadcastMutations } from "./broadcast-mutations.ts";
import { callMutations } from "./call-mutations.ts";
import { changeMutations } from "./change-mutations.ts";
import { deliveryMutations } from "./delivery-mutations.ts";
import { epochMutations } from "./epoch-mutations.ts";
import { expiryMutations } from "./expiry-mutations.ts";
import { exchangeMutations } from "./exchange-mutations.ts";
import { garbageMutations } from "./garbage-mutations.ts";
import { joinMutations } from "./join-mutations.ts";
import { patternMutations } from "./pattern-mutations.ts";
import { logMutations } from "./log-mutations.ts";
import type { Mutation } from "./mutation.ts";
import { reshardMutations } from "./reshard-mutations.ts";
import { restoreMutations } from "./restore-mutations.ts";
import { sinkMutations } from "./sink-mutations.ts";
import { splitMutations } from "./split-mutations.ts";
import { stagingMutations } from "./staging-mutations.ts";
import { timeMutations } from "./time-mutations.ts";
import { windowMutations } from "./window-mutations.ts";

/** Every rule of docs/protocol.md, disabled one at a time by changing the source text when the simulator is bundled. */
export const mutations: readonly Mutation[] = [
  ...logMutations,
  ...exchangeMutations,
  ...broadcastMutations,
  ...joinMutations,
  ...patternMutations,
  ...expiryMutations,
  ...reshardMutations,
  ...epochMutations,
  ...restoreMutations,
  ...stagingMutations,
  ...garbageMutations,
  ...sinkMutations,
  ...splitMutations,
  ...callMutations,
  ...changeMutations,
  ...windowMutations,
  ...timeMutations,
  ...deliveryMutations,
];
