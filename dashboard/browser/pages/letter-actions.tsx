import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { DeadLetterView, ReplayedView } from "../../../http/schemas/dead-letters.ts";
import { counted } from "../format/numbers.ts";
import { pathOf } from "../live/client.ts";
import { useWish, type Wish } from "../live/wish.ts";
import { Problem } from "../parts/problem.tsx";
import { SureButton } from "../parts/sure-button.tsx";

/** What replaying answers, or discarding. */
type Done = Partial<ReplayedView> & { readonly letters?: number };

export interface ActionsProps {
  readonly job: string;
  /** Letters were put again, or are gone. */
  readonly onDone: () => void;
}

/** Puts all letters into their streams again, or throws them away. */
export function AllLettersActions({ job, onDone }: ActionsProps): JSX.Element {
  const wish = useWish<Done>(onDone);
  const ask = (what: string): void =>
    void wish.ask(pathOf("jobs", job, "deadletters", what), { all: true });
  return (
    <>
      <div class="form">
        <SureButton
          text="Replay all"
          sure="Put all into their streams"
          onSure={() => ask("replay")}
        />
        <SureButton text="Discard all" sure="Discard all for good" onSure={() => ask("discard")} />
      </div>
      <Outcome wish={wish} />
    </>
  );
}

export interface LetterActionsProps extends ActionsProps {
  readonly letter: DeadLetterView;
}

/** The same for one, which may be mended before. */
export function LetterActions({ job, letter, onDone }: LetterActionsProps): JSX.Element {
  const { id, document, payload, encoding } = letter;
  const wish = useWish<Done>(onDone);
  const edited = useSignal<string | undefined>(undefined);
  const replay = (body: object): void =>
    void wish.ask(pathOf("jobs", job, "deadletters", id, "replay"), body);
  return (
    <>
      <div class="form">
        <button type="button" onClick={() => replay({})}>
          Replay
        </button>
        <button
          type="button"
          aria-expanded={edited.value !== undefined}
          onClick={() => {
            const text = encoding === undefined ? (document ?? payload) : "";
            edited.value = edited.value === undefined ? text : undefined;
          }}
        >
          Edit
        </button>
        <SureButton
          text="Discard"
          sure="Discard it for good"
          onSure={() => void wish.ask(pathOf("jobs", job, "deadletters", "discard"), { ids: [id] })}
        />
      </div>
      {edited.value !== undefined && (
        <div class="form">
          <label>
            The document instead
            <textarea
              class="mono"
              rows={6}
              cols={60}
              value={edited.value}
              onInput={({ currentTarget }) => (edited.value = currentTarget.value)}
            />
          </label>
          <button type="button" onClick={() => replay({ document: edited.value })}>
            Replay as edited
          </button>
        </div>
      )}
      <Outcome wish={wish} />
    </>
  );
}

function Outcome({ wish: { answer, problem } }: { readonly wish: Wish<Done> }): JSX.Element {
  return (
    <>
      {problem.value !== undefined && <Problem problem={problem.value} />}
      <div role="status">{answer.value !== undefined && linesOf(answer.value)}</div>
    </>
  );
}

function linesOf({ letters, put = [], left = [], leftInAll = 0 }: Done): readonly JSX.Element[] {
  const lines = [
    ...(letters === undefined ? [] : [`${counted(letters, "letter")} discarded.`]),
    ...put.map(({ stream, records }) => `${counted(records, "letter")} put into ${stream} again.`),
    ...(leftInAll === 0 ? [] : [`${counted(leftInAll, "letter")} stayed: ${reasonsOf(left)}.`]),
    ...(letters === undefined && put.length + leftInAll === 0 ? ["There were none."] : []),
  ];
  return lines.map((line) => <p key={line}>{line}</p>);
}

const reasonsOf = (left: ReplayedView["left"]): string =>
  [...new Set(left.map(({ why }) => why))].slice(0, 3).join("; ");
