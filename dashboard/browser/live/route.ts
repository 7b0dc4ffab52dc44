/** Pages of a job, in the order of the navigation, with what of the API each is about: where that isn't offered the page isn't, either. */
export const pages = [
  { page: "", title: "Overview", needs: "/jobs/{job}" },
  { page: "graph", title: "Graph", needs: "/jobs/{job}/plan" },
  { page: "checkpoints", title: "Checkpoints", needs: "/jobs/{job}/checkpoints" },
  { page: "timeline", title: "Timeline", needs: "/jobs/{job}/events" },
  { page: "deadletters", title: "Dead letters", needs: "/jobs/{job}/deadletters" },
  { page: "state", title: "State", needs: "/jobs/{job}/state" },
  { page: "results", title: "Results", needs: "/jobs/{job}/tables/{table}/updates" },
] as const;

export type PageName = (typeof pages)[number]["page"];

/** What the part of the address behind "#" names. */
export interface Route {
  /** Absent: the list of jobs. */
  readonly job?: string;
  readonly page: PageName;
  /** What of the page is open: an operator, an epoch, a dead letter. */
  readonly open?: string;
}

/** `#/<job>/<page>/<what is open>`; what is no page of the console leads to the overview. */
export function routeOf(hash: string): Route {
  const [job = "", page = "", ...open] = hash
    .replace(/^#?\/?/, "")
    .split("/")
    .map(decoded);
  if (job === "") return { page: "" };
  const name = pages.find((known) => known.page === page)?.page;
  if (name === undefined) return { job, page: "" };
  const rest = open.join("/");
  return rest === "" ? { job, page: name } : { job, page: name, open: rest };
}

export function hashOf({ job, page, open }: Route): string {
  const parts = [job, page, open].filter((part) => part !== undefined && part !== "");
  return `#/${parts.map((part) => encodeURIComponent(part!)).join("/")}`;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // Somebody has typed it.
    return part;
  }
}
