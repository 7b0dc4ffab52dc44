import { styleText } from "node:util";
import { systemClock } from "../runtime/node/system-environment.ts";
import { answering } from "./answer.ts";
import { terminalColumns, wrapped } from "./columns.ts";
import type { DoctorGiven } from "./commands/doctor.ts";
import { type Finding, refused, skipped } from "./doctor/finding.ts";
import { checkCdk, checkNode, checkSqlite } from "./doctor/machine-checks.ts";
import { saysHowFar } from "./waiting.ts";

/** `millrace doctor`: looks at this machine and, with credentials, at the account. Answers the exit code: 1 where something must be mended. */
export async function doctorCommand({ values }: DoctorGiven): Promise<number> {
  let hasFailed = false;
  const exitCode = await answering(values, async () => {
    const quiet = saysHowFar(() => "looking");
    try {
      const machine = [checkNode(), await checkSqlite(), await checkCdk()];
      const findings = [...machine, ...(await checkAws(values.region))];
      hasFailed = findings.some(({ state }) => state === "failed");
      return {
        json: findings.map((finding) => ({ type: "check", ...finding })),
        text: [
          ...findings.flatMap(findingLines),
          hasFailed ? "something must be mended" : "nothing must be mended",
        ],
      };
    } finally {
      quiet();
    }
  });
  return hasFailed ? 1 : exitCode;
}

async function checkAws(wanted: string | undefined): Promise<readonly Finding[]> {
  // The AWS SDK takes a while to load: only for those who need it.
  const { checkClock, checkIdentity, refusedCredentials } =
    await import("./doctor/identity-checks.ts");
  const { accountChecks } = await import("./doctor/account-checks.ts");
  const { findings, region, hasCredentials } = await checkIdentity(wanted);
  const clock =
    region === undefined
      ? skipped("clock", "there is no region to ask")
      : await checkClock(region, () => systemClock.nowMs());
  const names = Object.keys(accountChecks) as readonly (keyof typeof accountChecks)[];
  if (region === undefined || !hasCredentials) {
    const why = `needs ${hasCredentials ? "a region" : "credentials"}`;
    return [...findings, clock, ...names.map((name) => skipped(name, why))];
  }
  const asked = await Promise.allSettled(names.map((name) => accountChecks[name](region)));
  const thrown = asked.flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
  const instead = refusedCredentials(thrown);
  return [
    ...findings.map((finding) => (finding.name === instead?.name ? instead : finding)),
    clock,
    ...asked.map((each, at) =>
      each.status === "fulfilled" ? each.value : refused(names[at] ?? "", each.reason),
    ),
  ];
}

const styles = { ok: "green", note: "yellow", skipped: "dim", failed: "red" } as const;
const stateWidth = "skipped".length;
const nameWidth = "dynamodb quota".length;

function findingLines({ name, state, message, next }: Finding): readonly string[] {
  const left = stateWidth + nameWidth + 4;
  const width = Math.min(terminalColumns(), 120) - left;
  const [first = "", ...rest] = [
    ...wrapped(message, width),
    ...(next === undefined ? [] : wrapped(next, width)),
  ];
  const shown = styleText(styles[state], state.padEnd(stateWidth), { stream: process.stdout });
  return [
    `${shown}  ${name.padEnd(nameWidth)}  ${first}`,
    ...rest.map((line) => `${" ".repeat(left)}${line}`),
  ];
}
