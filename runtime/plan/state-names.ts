/** Names under which operators keep what users don't name. */
export const timersName = "timers";
export const reducedName = "reduced";
export const reducedCountName = "reduced-count";
export const windowsName = "windows";
export const sessionsName = "sessions";
export const elementsName = "elements";
export const leftName = "left";
export const rightName = "right";
export const queueName = "queue";
export const matchesName = "matches";
export const nodesName = "nodes";
export const eventsName = "events";
