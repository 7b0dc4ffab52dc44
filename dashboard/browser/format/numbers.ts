const grouped = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const compact = new Intl.NumberFormat("en", {
  notation: "compact",
  maximumSignificantDigits: 3,
});

/** 12345678 as "12,345,678". */
export const count = (value: number): string => grouped.format(value);

/** "1 savepoint", "1,200 savepoints". */
export const counted = (value: number, noun: string): string =>
  `${count(value)} ${noun}${value === 1 ? "" : "s"}`;

/** 12345678 as "12.3M": where the last digits say nothing. Below 10,000 all digits stand. */
export const short = (value: number): string =>
  Math.abs(value) < 10_000 ? grouped.format(value) : compact.format(value);

/** Per second; below ten with a tenth, so that a trickle is no zero. */
export const rate = (perSecond: number): string =>
  perSecond > 0 && perSecond < 10
    ? tenths.format(Math.max(0.1, perSecond))
    : short(Math.round(perSecond));

const units = ["B", "KB", "MB", "GB", "TB"];

/** 1234567 as "1.23 MB": thousands, as disks are sold and AWS counts. */
export function bytes(value: number): string {
  const at = Math.min(
    units.length - 1,
    Math.max(0, Math.floor(Math.log10(Math.max(1, value)) / 3)),
  );
  const scaled = value / 1_000 ** at;
  const digits = at === 0 || scaled >= 100 ? 0 : scaled >= 10 ? 1 : 2;
  return `${scaled.toFixed(digits)} ${units[at]}`;
}

export const percent = (value: number): string =>
  value > 0 && value < 1 ? "<1 %" : `${Math.round(value)} %`;
