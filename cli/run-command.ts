import { packageVersion } from "../bundle/package-folder.ts";
import { checkpointCommand } from "./checkpoint-command.ts";
import { costCommand } from "./cost-command.ts";
import { deadlettersCommand } from "./deadletters-command.ts";
import { deployCommand } from "./deploy-command.ts";
import { destroyCommand } from "./destroy-command.ts";
import { devCommand } from "./dev.ts";
import { explainCommand } from "./explain-command.ts";
import { garbageCommand } from "./garbage-command.ts";
import { initCommand } from "./init-command.ts";
import { listCommand } from "./list-command.ts";
import { logsCommand } from "./logs-command.ts";
import { restoreCommand } from "./restore-command.ts";
import { rowsCommand } from "./rows-command.ts";
import { savepointCommand } from "./savepoint-command.ts";
import { showError } from "./show-error.ts";
import { statusCommand } from "./status-command.ts";
import { stopCommand } from "./stop-command.ts";
import { UsageError } from "./usage-error.ts";
import { usage } from "./usage.ts";

/** Runs what the words behind `millrace` ask for, and prints what went wrong. Answers the exit code. */
export async function runCommand(words: readonly string[]): Promise<number> {
  return await run(words).catch(showError);
}

async function run([command, ...args]: readonly string[]): Promise<number> {
  const own = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
  const asksForHelp = own.includes("--help") || own.includes("-h");
  if (command === undefined || command === "help" || asksForHelp) return print(usage);
  switch (command) {
    case "--help":
    case "-h":
      return print(usage);
    case "--version":
      return print(`${packageVersion()}\n`);
    case "init":
      return initCommand(args);
    case "dev":
      return await devCommand(args);
    case "deploy":
      return await deployCommand(args);
    case "destroy":
      return await destroyCommand(args);
    case "status":
      return await statusCommand(args);
    case "rows":
      return await rowsCommand(args);
    case "deadletters":
      return await deadlettersCommand(args);
    case "list":
      return await listCommand(args);
    case "logs":
      return await logsCommand(args);
    case "explain":
      return explainCommand(args);
    case "checkpoint":
      return await checkpointCommand(args);
    case "savepoint":
      return await savepointCommand(args);
    case "stop":
      return await stopCommand(args);
    case "restore":
      return await restoreCommand(args);
    case "cost":
      return await costCommand(args);
    case "garbage":
      return await garbageCommand(args);
    default:
      throw new UsageError(
        `There is no command "${command}"; there are init, dev, deploy, destroy, status, rows, deadletters, list, logs, explain, cost, checkpoint, savepoint, stop, restore, garbage and help.`,
      );
  }
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}
