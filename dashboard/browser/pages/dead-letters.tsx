import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { DeadLettersView, DeadLetterView } from "../../../http/schemas/dead-letters.ts";
import { count } from "../format/numbers.ts";
import { moment } from "../format/times.ts";
import { canWrite } from "../live/ask.ts";
import { pathOf, queryOf } from "../live/client.ts";
import { useResource } from "../live/resource.ts";
import { hashOf } from "../live/route.ts";
import type { PageProps } from "../parts/console-frame.tsx";
import { Problem } from "../parts/problem.tsx";
import { None, Section } from "../parts/section.tsx";
import { type Column, Table } from "../parts/table.tsx";
import { AllLettersActions } from "./letter-actions.tsx";
import { LetterPanel } from "./letter-panel.tsx";

const pageRows = 50;

/** What could not be processed, and why. */
export function DeadLetters({ live, route }: PageProps): JSX.Element {
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const acted = useSignal(0);
  const onDone = (): void => {
    acted.value += 1;
    setCursors([]);
  };
  const status = live.status.value;
  const query = queryOf({ limit: pageRows, cursor: cursors.at(-1) });
  const { answer, problem } = useResource<DeadLettersView>(
    `${pathOf("jobs", route.job, "deadletters")}${query}`,
    `${status?.deadLetters} ${acted.value}`,
  );
  if (problem !== undefined) return <Problem problem={problem} />;
  if (answer === undefined) return <None>The dead letters are being read.</None>;
  const { letters, next } = answer;
  const nowMs = status?.atMs ?? letters[0]?.atMs ?? 0;
  if (letters.length === 0 && cursors.length === 0 && acted.value === 0)
    return (
      <None>
        There are none: everything that came could be processed. What user code throws on, what
        can't be decoded, and what a store refuses for good would stand here.
      </None>
    );
  return (
    <>
      <Section
        title="Dead letters"
        note={`${count(status?.deadLetters ?? letters.length)} were refused in all; those that say the same stand together`}
      >
        {canWrite() && <AllLettersActions job={route.job} onDone={onDone} />}
        <Table
          caption="Dead letters"
          columns={columnsOf(route.job, nowMs)}
          rows={letters}
          rowKey={({ id }) => id}
          isMarked={({ id }) => id === route.open}
        />
        {(cursors.length > 0 || next !== undefined) && (
          <div class="form">
            <button
              type="button"
              disabled={cursors.length === 0}
              onClick={() => setCursors(cursors.slice(0, -1))}
            >
              Before
            </button>
            <button
              type="button"
              disabled={next === undefined}
              onClick={() => setCursors([...cursors, next!])}
            >
              More
            </button>
          </div>
        )}
      </Section>
      {route.open !== undefined && (
        <LetterPanel
          key={route.open}
          job={route.job}
          id={route.open}
          nowMs={nowMs}
          onDone={onDone}
        />
      )}
    </>
  );
}

const columnsOf = (job: string, nowMs: number): readonly Column<DeadLetterView>[] => [
  {
    name: "When",
    cell: ({ id, atMs }) => (
      <a href={hashOf({ job, page: "deadletters", open: id })}>{moment(atMs, nowMs)}</a>
    ),
    sort: ({ atMs }) => atMs,
  },
  { name: "Kind", cell: ({ kind }) => kind.replace("-", " "), sort: ({ kind }) => kind },
  {
    name: "Operator",
    cell: ({ operator }) => <span class="mono">{operator ?? ""}</span>,
    sort: ({ operator }) => operator,
  },
  { name: "Reason", kind: "clip", cell: ({ reason }) => reason, sort: ({ reason }) => reason },
  { name: "Payload", kind: "clip", cell: ({ payload }) => <span class="mono">{payload}</span> },
];
