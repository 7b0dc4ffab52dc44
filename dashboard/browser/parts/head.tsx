import type { JSX } from "preact";
import { short } from "../format/numbers.ts";
import type { LiveJob } from "../live/live-job.ts";
import { isOffered } from "../live/offered.ts";
import { hashOf, pages, type Route } from "../live/route.ts";
import { State } from "./state.tsx";

export interface HeadProps {
  readonly live: LiveJob;
  readonly route: Route;
}

/** Which job it is, how it is, and where its pages are. */
export function Head({ live, route }: HeadProps): JSX.Element {
  const status = live.status.value;
  return (
    <header class="head">
      <a class="to-content" href={hashOf(route)} onClick={toContent}>
        To the content
      </a>
      <div class="head-line">
        <Brand />
        <h1>{live.job}</h1>
        {status !== undefined && <State state={status.state} />}
        <div class="head-end">
          {status?.generation !== undefined && <span>generation {status.generation}</span>}
          <Listening live={live} />
        </div>
      </div>
      <nav class="nav" aria-label="Pages">
        {pages
          .filter(({ needs }) => isOffered(needs))
          .map(({ page, title }) => (
            <a
              key={page}
              href={hashOf({ job: live.job, page })}
              aria-current={route.page === page ? "page" : undefined}
            >
              {title}
              {page === "deadletters" && <Tally letters={status?.deadLetters ?? 0} />}
            </a>
          ))}
      </nav>
    </header>
  );
}

function toContent(event: Event): void {
  event.preventDefault();
  document.querySelector("main")?.focus();
}

export function Brand(): JSX.Element {
  return (
    <a class="brand" href="#/">
      <svg
        viewBox="0 0 20 20"
        fill="none"
        stroke="currentColor"
        stroke-width="2"
        aria-hidden="true"
      >
        <path d="M1 6c3-3 5 2 9 0s6-1 9 0M1 11c3-3 5 2 9 0s6-1 9 0M1 16c3-3 5 2 9 0s6-1 9 0" />
      </svg>
      Millrace
    </a>
  );
}

function Tally({ letters }: { readonly letters: number }): JSX.Element | null {
  return letters === 0 ? null : <span class="tally">{short(letters)}</span>;
}

const saying = {
  connecting: "connecting",
  live: "live",
  lost: "nobody serves the job at present: this is what was known last",
} as const;

function Listening({ live }: Pick<HeadProps, "live">): JSX.Element {
  const connection = live.connection.value;
  return (
    <span role="status" class={connection === "lost" ? "warn" : ""}>
      {saying[connection]}
    </span>
  );
}
