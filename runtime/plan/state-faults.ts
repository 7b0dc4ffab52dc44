import type { PlannedState, PlannedWindow } from "./plan.ts";
import type { SavedKey, SavedState } from "./saved-states.ts";
import { windowGrid, windowText } from "./window-text.ts";

/** Why a saved state can't go where it belongs, and what can be done. */
export interface StateFault {
  /** Operator or source as it was saved; absent where the job as a whole is at fault. */
  readonly uid?: string;
  /** It is only without a place: it may be left out. */
  readonly isUnplaced?: true;
  readonly text: string;
  readonly next: string;
}

/** What is wrong between a saved state and the job's state of the same name. */
export function stateFaults(
  uid: string,
  saved: SavedState,
  planned: PlannedState,
): readonly StateFault[] {
  const place = `Operator "${uid}", state "${saved.name}"`;
  if (lastingKind(saved) !== lastingKind(planned))
    return [
      {
        uid,
        text: `${place}: saved as ${saved.kind}, but the job declares ${planned.kind}.`,
        next: "Give the new state another name; the old one can then be left out with allowNonRestoredState.",
      },
    ];
  const window = windowFault(saved.window, planned.window);
  if (window !== undefined)
    return [
      {
        uid,
        text: `${place}: ${window}.`,
        next: "Give the operator a new uid: its windows begin anew, and the old ones can be left out with allowNonRestoredState.",
      },
    ];
  const version = versionFault(saved, planned);
  return version === undefined ? [] : [{ uid, text: `${place}: ${version.text}`, ...version.next }];
}

/** The kind but for a time to live, which a state may get and lose. */
const lastingKind = ({ kind }: SavedState): string => kind.replace(/^expiring-/u, "");

function versionFault(saved: SavedState, planned: PlannedState) {
  const versions = `saved at version ${saved.version}, but the job declares version ${planned.version}`;
  if (saved.version > planned.version)
    return {
      text: `${versions}, which is older.`,
      next: { next: "Restore with the version of the job that wrote it, or a later one." },
    };
  if (saved.version < planned.version && planned.migrates !== true)
    return {
      text: `${versions} without migrate.`,
      next: {
        next: `Give the state migrate: (value, fromVersion) => …, which reads what version ${saved.version} wrote.`,
      },
    };
  return undefined;
}

/** Whether windows that were begun can go on as they are: fixed ones are found by their start alone, sessions hold their end. */
function windowFault(
  saved: PlannedWindow | undefined,
  planned: PlannedWindow | undefined,
): string | undefined {
  if (saved === undefined || planned === undefined) return undefined;
  if (saved.evicts !== planned.evicts)
    return saved.evicts === true
      ? "it kept elements for an evictor, which the job doesn't have"
      : "it kept no elements with their times, which the job's evictor needs";
  if (saved.compute !== planned.compute)
    return `what is kept of a window was made by ${saved.compute}, but the job computes with ${planned.compute}`;
  if (saved.trigger !== planned.trigger && saved.trigger !== undefined && planned.triggered)
    return `its trigger kept ${saved.trigger} of each window, but the job's keeps ${planned.trigger}`;
  const isSame = windowGrid(saved.assigner) === windowGrid(planned.assigner);
  if (isSame && saved.triggered === planned.triggered) return undefined;
  if (isSame)
    return saved.triggered === true
      ? "a trigger of its own set the timers of its windows, but now they fire with the watermark alone"
      : "its windows fired with the watermark alone, but now a trigger of its own sets their timers";
  return `saved in ${windowText(saved.assigner)}, but the job has ${windowText(planned.assigner)}`;
}

/** The key decides where state is; what a function makes of an element can't be compared, fields can. */
export function keyFault(
  uid: string,
  saved: SavedKey | undefined,
  planned: SavedKey | undefined,
): StateFault | undefined {
  if (saved?.fields === undefined || planned?.fields === undefined) return undefined;
  const [one, other] = [keyText(saved), keyText(planned)];
  if (one === other) return undefined;
  return {
    uid,
    text: `Operator "${uid}": its state is keyed by ${one}, but the job keys it by ${other}.`,
    next: "Key by the same fields in the same order, or give the operator a new uid to start it empty.",
  };
}

/** Field names may hold anything, so they stand as JSON: `"shop"` for a field, `["shop","item"]` for a tuple. */
function keyText({ fields = [], tuple }: SavedKey): string {
  return JSON.stringify(fields.length === 1 && tuple !== true ? fields[0] : fields);
}
