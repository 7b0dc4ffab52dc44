import { type CompletionGiven, shells } from "./commands/completion.ts";
import { proposeWord } from "./propose-words.ts";
import { inWords } from "./in-words.ts";
import { UsageError } from "./usage-error.ts";

/** `millrace completion`: a script for a shell, which asks this command again at every TAB. Answers the exit code. */
export function completionCommand({ args: [wanted] }: CompletionGiven): number {
  const shell = shells.find((name) => name === wanted);
  if (shell === undefined)
    throw new UsageError(`the shell is "${wanted}"; it can be ${inWords(shells)}`);
  process.stdout.write(scripts[shell]);
  return 0;
}

/** Where nothing is proposed, the shell's own completion of files goes on. */
const scripts: Readonly<Record<(typeof shells)[number], string>> = {
  bash: `_millrace() {
  local IFS=$'\\n'
  COMPREPLY=($(millrace ${proposeWord} "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f 1))
}
complete -o bashdefault -o default -F _millrace millrace
`,
  zsh: `#compdef millrace
_millrace() {
  local word brief
  local -a found
  while IFS=$'\\t' read -r word brief; do
    found+=("\${word//:/\\\\:}:$brief")
  done < <(millrace ${proposeWord} "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#found} )); then _describe millrace found; else _files; fi
}
compdef _millrace millrace
`,
  fish: `function __millrace_propose
  set -l typed (commandline -opc)[2..-1] (commandline -ct)
  set -l found (millrace ${proposeWord} $typed 2>/dev/null)
  if test (count $found) -gt 0
    printf '%s\\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c millrace -f -a '(__millrace_propose)'
`,
};
