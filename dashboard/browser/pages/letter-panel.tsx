import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { DeadLetterView } from "../../../http/schemas/dead-letters.ts";
import { pretty } from "../format/json.ts";
import { moment } from "../format/times.ts";
import { canWrite } from "../live/ask.ts";
import { pathOf } from "../live/client.ts";
import { useResource } from "../live/resource.ts";
import { hashOf } from "../live/route.ts";
import { Problem } from "../parts/problem.tsx";
import { LetterActions } from "./letter-actions.tsx";
import { Facts, Section } from "../parts/section.tsx";

export interface LetterPanelProps {
  readonly job: string;
  readonly id: string;
  readonly nowMs: number;
  readonly onDone: () => void;
}

/** One dead letter: what it is, who refused it, and where. */
export function LetterPanel({ job, id, nowMs, onDone }: LetterPanelProps): JSX.Element {
  const { answer, problem } = useResource<DeadLetterView>(
    pathOf("jobs", job, "deadletters", id),
    "",
  );
  const root = useRef<HTMLDivElement>(null);
  const isKnown = answer !== undefined;
  useEffect(() => root.current?.scrollIntoView({ block: "nearest" }), [id, isKnown]);
  return (
    <div ref={root}>
      <Section title="Letter" note={<a href={hashOf({ job, page: "deadletters" })}>close</a>}>
        {problem !== undefined && <Problem problem={problem} />}
        {answer !== undefined && canWrite() && (
          <LetterActions job={job} letter={answer} onDone={onDone} />
        )}
        {answer !== undefined && <Letter letter={answer} nowMs={nowMs} />}
      </Section>
    </div>
  );
}

function Letter({
  letter,
  nowMs,
}: {
  readonly letter: DeadLetterView;
  readonly nowMs: number;
}): JSX.Element {
  const { reason, payload, encoding, document } = letter;
  return (
    <>
      <p class="problem">{reason}</p>
      <h3>{encoding === undefined ? "Payload" : `Payload in ${encoding}`}</h3>
      <pre tabIndex={0}>{pretty(payload)}</pre>
      {document !== undefined && document !== payload && (
        <>
          <h3>Document</h3>
          <pre tabIndex={0}>{pretty(document)}</pre>
        </>
      )}
      <Facts facts={factsOf(letter, nowMs)} />
    </>
  );
}

function factsOf(letter: DeadLetterView, nowMs: number): Parameters<typeof Facts>[0]["facts"] {
  const { operator, title, definedAt, error, thrownAt, key, window, timestampMs, input } = letter;
  const time = (ms: number): string => moment(ms, nowMs);
  const code = (text: string | undefined) => (text === undefined ? undefined : <code>{text}</code>);
  return [
    ["Operator", code(operator)],
    ["What it is", title],
    ["Defined at", code(definedAt)],
    ["Error", code(error)],
    ["Thrown at", code(thrownAt)],
    ["Key", key === undefined ? undefined : code(JSON.stringify(key))],
    ["Window", window && `${time(window.startMs)} – ${time(window.endMs)}`],
    ["Event time", timestampMs === undefined ? undefined : time(timestampMs)],
    ["Input", code(input)],
    ["Slot", code(letter.slot)],
    ["Sequence", code(letter.sequence)],
    ["Written", time(letter.atMs)],
    ...(letter.cut === undefined ? [] : [["Cut", letter.cut.join(", ")] as const]),
  ];
}
