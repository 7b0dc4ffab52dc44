import { argument } from "../definition/argument.ts";
import { defineCommand, type Given } from "../definition/command.ts";

/** Shells that can be told to complete. */
export const shells = ["bash", "zsh", "fish"] as const;

const args = [
  { ...argument("shell", shells.join(", ")), proposeCompletions: () => shells },
] as const;

export type CompletionGiven = Given<Readonly<Record<never, never>>, typeof args>;

export const completion = defineCommand({
  brief: "print what makes a shell complete commands and options",
  options: {},
  args,
  examples: [
    { line: "bash", effect: 'for ~/.bashrc: eval "$(millrace completion bash)"' },
    { line: "zsh", effect: 'for ~/.zshrc, behind compinit: eval "$(millrace completion zsh)"' },
    { line: "fish", effect: "for ~/.config/fish/completions/millrace.fish" },
  ],
  load: async () => (await import("../completion-command.ts")).completionCommand,
});
