import type { PlayAnswer, PlayRequest } from "../../playground/messages.ts";
import type { PlayStep } from "../../playground/play-step.ts";
import { shownTime, shownValue } from "../../playground/shown-time.ts";
import { timelineOf } from "../../playground/timeline.ts";
import { timelineSvg } from "../../playground/timeline-svg.ts";
import { transcriptOf } from "../../playground/transcript.ts";
import { labelled, make, table } from "./dom.ts";
import type { RunListener } from "./engine.ts";

/** What is seen of a playground: two texts to edit, a button, and the run, step by step. */
export class PlaygroundView implements RunListener {
  readonly root = make("section", { class: "mr-playground", "aria-label": "Playground" });
  onRun: (request: PlayRequest) => void = () => {};
  readonly #text = make("textarea", { spellcheck: "false", rows: "14" });
  readonly #input = make("textarea", { spellcheck: "false", rows: "8" });
  readonly #ends = make("input", { type: "checkbox" });
  readonly #atOnce = make("input", { type: "checkbox" });
  readonly #run = make("button", { type: "button", class: "mr-run" }, ["Run"]);
  readonly #status = make("p", { class: "mr-status", role: "status" });
  readonly #scrubber = make("input", { type: "range", min: "1", max: "1", value: "1" });
  readonly #figure = make("div", { class: "mr-figure" });
  readonly #tables = make("div", { class: "mr-tables" });
  readonly #plan = make("pre", { class: "mr-text mr-plan", tabindex: "0" });
  readonly #transcript = make("pre", { class: "mr-text mr-transcript", tabindex: "0" });
  readonly #output: HTMLElement;
  #steps: PlayStep[] = [];

  constructor({ text, input, everyMs = 1_000, ends = true }: PlayRequest) {
    this.#text.value = text;
    this.#input.value = input;
    this.#ends.checked = ends;
    this.#atOnce.checked = everyMs === 0;
    const options = make("div", { class: "mr-options" }, [
      make("label", {}, [this.#atOnce, " all lines at once"]),
      make("label", {}, [this.#ends, " the streams end"]),
      this.#run,
    ]);
    this.#output = make("div", { class: "mr-output", hidden: "" }, [
      labelled("Step", this.#scrubber),
      this.#figure,
      this.#tables,
      folded("The run as text", this.#transcript),
      folded("What runs", this.#plan),
    ]);
    this.root.append(
      labelled("Job", this.#text),
      labelled("Input", this.#input),
      options,
      this.#status,
      this.#output,
    );
    this.#run.addEventListener("click", () => this.start());
    this.#scrubber.addEventListener("input", () => this.#show(Number(this.#scrubber.value)));
  }

  answered(answer: PlayAnswer): void {
    switch (answer.kind) {
      case "planned":
        this.#plan.textContent = answer.explained;
        return;
      case "step":
        this.#steps.push(answer.step);
        return this.#show(this.#steps.length);
      case "done":
        this.#transcript.textContent = transcriptOf(this.#steps);
        return this.#say(`Done: ${this.#steps.length} steps. Move along them to see each.`);
      case "failed":
        return this.#say(answer.message, true);
    }
  }

  /** Plays what stands in the two texts. */
  start(): void {
    this.#run.focus();
    this.#steps = [];
    this.#output.hidden = true;
    this.#say("Running …");
    this.onRun({
      text: this.#text.value,
      input: this.#input.value,
      everyMs: this.#atOnce.checked ? 0 : 1_000,
      ends: this.#ends.checked,
    });
  }

  #say(text: string, isFailure = false): void {
    this.#status.textContent = text;
    this.#status.classList.toggle("mr-failure", isFailure);
  }

  /** Shows how everything stood after so many steps. */
  #show(count: number): void {
    const step = this.#steps[count - 1];
    if (step === undefined) return;
    this.#output.hidden = false;
    this.#scrubber.max = String(this.#steps.length);
    this.#scrubber.value = String(count);
    this.#scrubber.setAttribute("aria-valuetext", `${count} of ${this.#steps.length}`);
    this.#figure.innerHTML = timelineSvg(timelineOf(this.#steps, count));
    this.#tables.replaceChildren(...tablesOf(this.#steps.slice(0, count), step));
  }
}

function folded(summary: string, content: HTMLElement): HTMLElement {
  return make("details", {}, [make("summary", {}, [summary]), content]);
}

function tablesOf(shown: readonly PlayStep[], { state }: PlayStep): readonly HTMLElement[] {
  const results = shown.flatMap(({ results }) => results);
  const letters = shown.flatMap(({ deadLetters }) => deadLetters);
  const late = shown.flatMap((one) =>
    one.cause.kind === "line" && Object.keys(one.late).length > 0 ? one.cause.elements : [],
  );
  return [
    table(
      "Results",
      ["to", "what", "value"],
      results.map(({ target, kind, value }) => [target, kind, JSON.stringify(value)]),
    ),
    table(
      "Late",
      ["line", "time", "element"],
      late.map(({ line, timestampMs, document }) => [
        String(line),
        timestampMs === undefined ? "" : shownTime(timestampMs),
        document,
      ]),
    ),
    table(
      "Dead letters",
      ["reason", "payload"],
      letters.map(({ reason, payload }) => [reason, payload]),
    ),
    table(
      "State",
      ["operator", "state", "key", "entry", "value"],
      state.map(({ operator, state: name, key, entry, value }) => [
        operator,
        name,
        key === undefined ? "" : shownValue(key),
        entry === undefined ? "" : shownValue(entry),
        name === "timers" && typeof value === "number" ? shownTime(value) : shownValue(value),
      ]),
    ),
  ];
}
