import { inputError } from "../../errors/millrace-error.ts";
import type { BatchToReplay } from "./replay-batch.ts";

type Named = Pick<BatchToReplay, "slot" | "version" | "progress">;

export const versionUnknown = ({ slot, version, progress }: Named): Error =>
  inputError("version-unknown", {
    message: `Version ${version} of slot ${slot.name}, or the state before it, is not known any more, or not yet: its newest is ${progress.version}.`,
    next: `Choose a newer one, or ${progress.version + 1} for the batch that the slot tries next.`,
  });

export const noStep = ({ slot, version }: Named, why: string): Error =>
  inputError("version-no-step", {
    message: `Version ${version} of slot ${slot.name} ${why}: no records went through the job.`,
    next: "Choose the version before or behind it.",
  });
