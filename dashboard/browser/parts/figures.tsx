import type { ComponentChildren, JSX } from "preact";

export interface FigureProps {
  readonly name: string;
  readonly value: ComponentChildren;
  readonly unit?: string;
  readonly note?: ComponentChildren;
  readonly tone?: "good" | "warn" | "bad" | undefined;
}

/** The few numbers that a page begins with. */
export function Figures({ figures }: { readonly figures: readonly FigureProps[] }): JSX.Element {
  return (
    <dl class="figures">
      {figures.map(({ name, value, unit, note, tone }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd class={tone}>
            {value}
            {unit !== undefined && <span class="unit">{unit}</span>}
            <div class="note">{note ?? "\u00a0"}</div>
          </dd>
        </div>
      ))}
    </dl>
  );
}
