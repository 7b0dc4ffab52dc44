import type { ComponentChildren, JSX } from "preact";
import { count } from "../format/numbers.ts";

export interface SectionProps {
  readonly title: string;
  /** Beside the title, in a few words. */
  readonly note?: ComponentChildren;
  readonly children?: ComponentChildren;
}

export function Section({ title, note, children }: SectionProps): JSX.Element {
  return (
    <section class="section" aria-label={title}>
      <header>
        <h2>{title}</h2>
        {note !== undefined && <p>{note}</p>}
      </header>
      {children}
    </section>
  );
}

/** Stands where nothing is: what would be here, and how it comes. */
export function None({ children }: { readonly children: ComponentChildren }): JSX.Element {
  return <p class="none">{children}</p>;
}

/** Names and what they are, one to a line. */
export function Facts({
  facts,
}: {
  readonly facts: readonly (readonly [name: string, value: ComponentChildren])[];
}): JSX.Element {
  return (
    <dl class="facts">
      {facts
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => [<dt>{name}</dt>, <dd>{value}</dd>])}
    </dl>
  );
}

export interface MeterProps {
  readonly percent: number;
  /** A share that may be of any size: default is one of something that must not run full. */
  readonly plain?: boolean;
}

export function Meter({ percent, plain = false }: MeterProps): JSX.Element {
  const tone = plain || percent < 70 ? "" : percent < 90 ? "warn" : "bad";
  return (
    <span class={`meter ${tone}`} aria-hidden="true">
      <i style={{ transform: `scaleX(${Math.min(1, percent / 100)})` }} />
    </span>
  );
}

export interface CountProps {
  readonly value: number;
  /** Of a number that is not zero. */
  readonly tone: "warn" | "bad";
}

/** A number of things that better were none. */
export function Count({ value, tone }: CountProps): JSX.Element {
  return <span class={value > 0 ? tone : "soft"}>{count(value)}</span>;
}
