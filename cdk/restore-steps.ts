export interface RestoreSteps {
  readonly entry: string;
  readonly allowNonRestoredState: boolean;
  /** Options that lead the commands to the job, such as `--table jobs`. Default: none. */
  readonly place?: string;
}

/** How a job gets from one plan to another whose state fits: for messages. */
export function restoreSteps({ entry, allowNonRestoredState, place }: RestoreSteps): string {
  const where = place === undefined ? "" : ` ${place}`;
  const restore = restoreText({ entry, allowNonRestoredState, ...(place && { place }) });
  return `Its state fits, but it does not go on by itself: stop it with "millrace stop${where}", deploy, run "${restore}"`;
}

/** The command that comes after the deployment. */
export function restoreText({ entry, allowNonRestoredState, place }: RestoreSteps): string {
  const options = allowNonRestoredState ? " --allow-non-restored-state" : "";
  return `millrace restore latest ${entry}${options}${place === undefined ? "" : ` ${place}`}`;
}
