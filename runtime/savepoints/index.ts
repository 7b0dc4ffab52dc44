export type { Epochs, SavepointRequest } from "../checkpoint/epochs.ts";
export {
  type Manifest,
  type ManifestSlot,
  readManifest,
  type Tombstone,
} from "../checkpoint/manifest.ts";
export {
  type CopiedSavepoint,
  copySavepoint,
  type CopySavepoint,
  type CopyTarget,
} from "./copy-savepoint.ts";
export { type DeleteSavepoint, deleteSavepoint } from "./delete-savepoint.ts";
export {
  collectGarbage,
  type GarbageObject,
  type GarbageOptions,
  type GarbageReport,
} from "./garbage.ts";
export {
  type CheckpointDescription,
  type CheckpointEntry,
  describeCheckpoint,
  listCheckpoints,
  shortName,
} from "./list-checkpoints.ts";
export { readSavepoint } from "./read-savepoint.ts";
export type { ReadSavepoint, StateRow } from "./state-row.ts";
export { type CheckpointReference, resolveReference } from "./reference.ts";
export {
  type AskForSavepoint,
  askForSavepoint,
  openRequests,
  savepointRequest,
} from "./requests.ts";
export { restore, type Restored, type RestoreOptions } from "./restore.ts";
export { keyOfJson, stateJson } from "./state-json.ts";
export {
  cancelJob,
  type TakenSavepoint,
  type TakeSavepoint,
  takeSavepoint,
  type WaitOptions,
} from "./take-savepoint.ts";
export { type VerifiedSavepoint, verifySavepoint } from "./verify-savepoint.ts";
