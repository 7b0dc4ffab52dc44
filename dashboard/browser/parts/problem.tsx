import type { JSX } from "preact";
import type { Problem as ProblemView } from "../../../http/schemas/common.ts";

/** Why something can't be shown, and what to do. */
export function Problem({ problem }: { readonly problem: ProblemView }): JSX.Element {
  const { code, detail, next } = problem;
  return (
    <div class="problem" role="alert">
      <p>
        {detail} <code class="soft">{code}</code>
      </p>
      {next !== undefined && <p class="soft">{next}</p>}
    </div>
  );
}
