export const usage = `millrace: stateful stream processing without a cluster

  millrace dev <job.ts> [options]       run a job on this machine
  millrace explain <job.ts> [options]   show how a job will run, and what each sink guarantees
  millrace help, --version

dev
  --dir <folder>            where streams, tables and state are kept; the same command resumes there (default: a
                            temporary folder, removed at the end)
  --workers <n>             threads that serve the slots: as many cores are used (default 1)
  --shards <n>              shards of each source stream, where it is new (default 2)
  --exchange-shards <n>     shards of the exchange, where it is new (default: the greater of 2 and --workers)
  --input <stream>=<file>   feeds the lines of a JSON-lines file into a source stream; "-" is standard input. A restart
                            goes on where a file was left. Repeat it for several streams
  --key <stream>=<field>    field that is the partition key of --input's records (default: the line's number)
  --rate <n>                records per second from each --input (default: as fast as the job takes them)
  --no-end                  leave a fed stream open at the end of its input (default: it ends, and with it the job)
  --json                    one JSON object per line: "resume", "progress", "error", "end"
  Ctrl-C stops after the batches under way; twice, at once.

explain
  --json                    the plan as data
  --mermaid                 the plan as a Mermaid flowchart
`;
