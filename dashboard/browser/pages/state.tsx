import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { StateOfKey, StatesView } from "../../../http/schemas/state.ts";
import { pretty, shownValue } from "../format/json.ts";
import { count } from "../format/numbers.ts";
import { watermark } from "../format/times.ts";
import { pathOf, queryOf } from "../live/client.ts";
import { useResource } from "../live/resource.ts";
import { hashOf } from "../live/route.ts";
import type { PageProps } from "../parts/console-frame.tsx";
import { Problem } from "../parts/problem.tsx";
import { Facts, None, Section } from "../parts/section.tsx";
import { type Column, Table } from "../parts/table.tsx";

/** What is kept for a key, as it is now, and as it changes. `#/<job>/state/<operator>/<state>/<key>` */
export function StatePage({ live, route }: PageProps): JSX.Element {
  const { answer, problem } = useResource<StatesView>(
    pathOf("jobs", route.job, "state"),
    live.status.value?.plan,
  );
  if (problem !== undefined) return <Problem problem={problem} />;
  if (answer === undefined) return <None>The states are being read.</None>;
  const { states } = answer;
  if (states.length === 0) return <None>This job keeps no state of keys.</None>;
  const asked = askedOf(route.open, states);
  return (
    <>
      <Section title="Look up a key" note="the job isn't disturbed: it is read from its log">
        <Form key={asked.key} job={route.job} states={states} asked={asked} />
      </Section>
      {asked.key !== "" && <Held live={live} asked={asked} />}
    </>
  );
}

interface Asked {
  readonly operator: string;
  readonly state: string;
  readonly key: string;
}

function askedOf(open: string | undefined, states: StatesView["states"]): Asked {
  const [first] = states;
  const [operator = first!.operator, state = first!.state, ...key] = open?.split("/") ?? [];
  return { operator, state, key: key.join("/") };
}

interface FormProps {
  readonly job: string;
  readonly states: StatesView["states"];
  readonly asked: Asked;
}

function Form({ job, states, asked }: FormProps): JSX.Element {
  const [place, setPlace] = useState(`${asked.operator}/${asked.state}`);
  const [key, setKey] = useState(asked.key);
  const look = (event: Event): void => {
    event.preventDefault();
    location.hash = hashOf({ job, page: "state", open: `${place}/${key}` });
  };
  return (
    <form class="form" onSubmit={look}>
      <label>
        State
        <select value={place} onChange={({ currentTarget }) => setPlace(currentTarget.value)}>
          {states.map(({ operator, state, kind }) => (
            <option key={`${operator}/${state}`} value={`${operator}/${state}`}>
              {operator} · {state} ({kind})
            </option>
          ))}
        </select>
      </label>
      <label>
        Key
        <input
          value={key}
          required
          maxLength={4_000}
          placeholder='ada, 7, or ["ada",7]'
          spellcheck={false}
          onInput={({ currentTarget }) => setKey(currentTarget.value)}
        />
      </label>
      <button type="submit">Look up</button>
    </form>
  );
}

function Held({
  live,
  asked,
}: {
  readonly live: PageProps["live"];
  readonly asked: Asked;
}): JSX.Element {
  const { operator, state, key } = asked;
  const path = `${pathOf("jobs", live.job, "state", operator, state)}${queryOf({ key })}`;
  // What a slot holds changes with its commits.
  const { answer, problem } = useResource<StateOfKey>(path, live.beat.value);
  if (problem !== undefined) return <Problem problem={problem} />;
  if (answer === undefined) return <None>It is being read.</None>;
  const { asOf, entries, found, cut } = answer;
  const { watermarkMs: ms } = asOf;
  return (
    <Section title={`${operator} · ${state} of ${shownValue(answer.key)}`}>
      {found ? (
        <Table
          caption="Entries"
          columns={columns}
          rows={entries}
          rowKey={({ entry }) => JSON.stringify(entry) ?? ""}
        />
      ) : (
        <None>Nothing is kept for this key.</None>
      )}
      {cut && <p class="soft">There are more entries.</p>}
      <Facts
        facts={[
          ["Slot", <code>{asOf.slot}</code>],
          ["As of commit", count(asOf.version)],
          ["Watermark", watermark(ms, typeof ms === "number" ? ms : 0)],
          ["Generation", count(asOf.generation)],
        ]}
      />
    </Section>
  );
}

const columns: readonly Column<StateOfKey["entries"][number]>[] = [
  {
    name: "Entry",
    cell: ({ entry }) => <span class="mono">{entry === undefined ? "" : shownValue(entry)}</span>,
  },
  {
    name: "Value",
    kind: "fill",
    cell: ({ value }) => <pre tabIndex={0}>{pretty(JSON.stringify(value) ?? "")}</pre>,
  },
];
