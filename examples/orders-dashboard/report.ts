import type { Comparison } from "./compare.ts";
import type { Row } from "./plain.ts";

/** Some of the dashboard, as text. */
export function report({ results, rows }: Pick<Comparison, "results" | "rows">): string {
  const countries = [...results["country-totals"].values()].toSorted(
    (one, other) => Number(other["revenueCents"]) - Number(one["revenueCents"]),
  );
  const hours = [...results["top-products"].values()].toSorted(
    (one, other) => Number(one["hourMs"]) - Number(other["hourMs"]),
  );
  return [
    "",
    "country     orders  cancelled       revenue",
    ...countries.slice(0, 5).map(countryLine),
    "",
    ...hours.map(hourLine),
    "",
    ...Object.entries(rows).map(([table, count]) => `${table}: ${count.toLocaleString("en")} rows`),
  ].join("\n");
}

function countryLine(row: Row): string {
  const cells = [row["orders"], row["cancelled"], euros(row["revenueCents"])];
  const [orders = "", cancelled = "", revenue = ""] = cells.map((cell) =>
    typeof cell === "number" ? cell.toLocaleString("en") : String(cell),
  );
  return `${String(row["country"]).padEnd(8)}${orders.padStart(10)}${cancelled.padStart(11)}${revenue.padStart(14)}`;
}

function hourLine({ hour, top }: Row): string {
  const best = (Array.isArray(top) ? top : []).slice(0, 3) as readonly Row[];
  const shown = best.map((row) => `${String(row["product"])} ${euros(row["revenueCents"])}`);
  return `best from ${String(hour)}: ${shown.join(", ")}`;
}

function euros(cents: unknown): string {
  return (Number(cents) / 100).toLocaleString("en", { minimumFractionDigits: 2 });
}
