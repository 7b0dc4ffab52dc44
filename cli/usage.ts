export const usage = `millrace: stateful stream processing without a cluster

  millrace init <folder>                write a small project that runs, tests and synthesises as it is
  millrace dev <job.ts> [options]       run a job on this machine
  millrace deploy <app.ts> [-- …]       deploy a CDK app to AWS, if its jobs can go on from what is deployed
  millrace deploy --local <app.ts>      run a CDK app's stack on this machine, against emulators of AWS
  millrace destroy <app.ts> [-- …]      delete what was deployed, but for what holds state
  millrace status                       show how a job is: generation, checkpoints, slots, watermarks
  millrace rows [<table>] [options]     show the rows of a table of results, or which tables there are
  millrace deadletters list | show      show what user code or a store refused, counted by reason or one by one
  millrace list                         show the jobs of a folder
  millrace logs                         show what a deployed job's functions write
  millrace explain <job.ts> [options]   show how a job will run, and what each sink guarantees
  millrace cost <job.ts> [options]      estimate what a deployed job costs in a month
  millrace checkpoint list | describe <ref>
  millrace savepoint take | list | describe <ref> | delete <ref> | read <ref> | copy <ref> --to <target>
  millrace stop                         stop a running job with a savepoint
  millrace restore <ref> <job.ts>       go on from a checkpoint, with a changed job or another number of shards too
  millrace garbage                      delete what nothing of a job refers to any more, or say what would go
  millrace help, --version

  <ref> is a savepoint's name, <generation>/<epoch>, a manifest's key, or "latest".

init
  --package <spec>          what the project depends on for Millrace, such as file:../millrace.tgz (default: this version)

dev
  --dir <folder>            where streams, tables and state are kept; the same command resumes there (default: a
                            temporary folder, removed at the end)
  --name <job>              run it under another name, for example a fork
  --workers <n>             threads that serve the slots: as many cores are used (default 1)
  --shards <n>              shards of each source stream, where it is new (default 2)
  --exchange-shards <n>     shards of the exchange, where it is new (default: the greater of 2 and --workers)
  --input <stream>=<file>   feeds the lines of a JSON-lines file into a source stream; "-" is standard input. A restart
                            goes on where a file was left. Repeat it for several streams
  --key <stream>=<field>    field that is the partition key of --input's records (default: the line's number)
  --rate <n>                records per second from each --input (default: as fast as the job takes them)
  --no-end                  leave a fed stream open at the end of its input (default: it ends, and with it the job)
  --show <n>                rows of each table that are shown as they are written, at a time (default 5; 0 for none)
  --quiet                   show no rows
  --allow-dead-letters      records that were refused are no failure: exit code 0 instead of 3
  --json                    one JSON object per line: "start" or "resume", "progress", "error", "rows" with --show, "end"
  Ctrl-C stops after the batches under way; twice, at once. What the job's code prints goes to standard error.
  Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done but for records that were refused, 130 interrupted.

deploy, destroy: by the command line of the CDK (npm install --save-dev aws-cdk@2)
  --stack <name>            only this stack, without those that it depends on (default: the only one)
  --context <key>=<value>   as of the CDK; repeat it for several
  -- <arguments>            more for "cdk deploy" or "cdk destroy", such as -- --force
  deploy compares the plan that was synthesized with the newest state of the deployed job, before anything is changed:
  --outputs <file>          gets the outputs of the stacks (default .millrace/outputs.json)
  --require-approval <w>    as of the CDK: never, any-change or broadening
  --allow-non-restored-state
                            the state of operators that the job does not have any more may be left behind
  --restore-later           deploy a job with another plan though the deployed one runs: it stands still until restored
  Region and credentials are found as the AWS SDK does, by AWS_REGION and AWS_PROFILE for example.

deploy --local
  --stack <name>            which stack of the app (default: the only one)
  --environments <n>        environments of each function at most (default 3)
  --poll-ms <ms>            how often an empty shard is asked (default 1000, as Lambda does)
  --logs <folder>           where the functions' logs go (default .millrace/logs)
  The emulators are those that AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_KINESIS, _DYNAMODB, _S3 and _CLOUDFORMATION lead to, or
  some of its own; all must be on this machine.

explain
  --json                    the plan as data
  --mermaid                 the plan as a Mermaid flowchart

cost
  --events-per-second <n>   the load, all the month; a record is an event
  --event-bytes, --element-bytes <n>
                            bytes of a record (default 500), and of an element on its way to a keyed stage, encoded and
                            compressed (default 60)
  --keys <n>                different keys in a batch of an exchange slot (default 100)
  --rows-per-second, --row-bytes <n>
                            rows that the sinks write (default 1), and their bytes (default 100)
  --source-shards, --exchange-shards <n>
                            (default 1)
  --window <s>              batch window (default 1); --batch-size <n> records at most (default 1000)
  --memory <MiB>            of the process function (default 1769); --state-gib <n> (default 0.1)
  --json                    the estimate as data

rows
  --where <field>=<value>   only rows that have this value; repeat it for several
  --order-by <field>        smallest first; --descending for the greatest
  --limit <n>               rows at most (default 50; with --json all)

deadletters
  --operator <name>         only those of this operator, as "list" names it
  --limit <n>               of "show" (default 20; with --json all)

logs
  --outputs <file>          a deployment, as below, with --job and --region where needed; by default
                            MILLRACE_PROCESS_LOG_GROUP and MILLRACE_COORDINATOR_LOG_GROUP
  --function <name>         process or coordinator (default: both)
  --since <time>            such as 90s, 10m, 6h or 2d (default 10m)
  --follow                  go on until Ctrl-C
  --json                    one JSON object per line

status, rows, deadletters, list, checkpoint, savepoint, stop, restore, garbage: where the job is
  --dir <folder>            the folder that "millrace dev" was given; the job may be running in another process
  --outputs <file>          a deployment, by what "cdk deploy --outputs-file <file>" wrote
  --table, --bucket <name>  job table and bucket of a deployment, with --prefix and --region where needed; by default
                            MILLRACE_TABLE and MILLRACE_BUCKET
  --job <name>              which job (default: the folder's only one, or MILLRACE_JOB)
  --json                    one JSON object per line

savepoint
  take --id <name>          name of the savepoint (default: made of the time)
       --timeout <s>        how long to wait; the request stands (default 300). Also of "stop"
  read --operator <uid> --state <name> --key <key>
                            state as JSON lines: {operator, state, key, mapKey, value}
  delete --force            although it is the only thing that the job can go back to
  copy --to <target>        a folder or s3://<bucket>[/<prefix>], with --to-region where needed

stop
  --id <name>               name of the savepoint
  --drain                   sources report their ends before, so that all windows fire
  --no-savepoint            cancel: stop at once, checkpoints stay as they are

restore
  --name <job>              restore into another job: a fork
  --allow-non-restored-state
                            leave the state of operators behind that the job does not have any more
  --shards, --exchange-shards <n>
                            with --dir: shards of new streams; the exchange is resharded
  --exchange-stream <name>, --stream <name in the job>=<name in AWS>
                            a deployment's streams; by default MILLRACE_EXCHANGE_STREAM and MILLRACE_STREAMS

garbage
  --dry-run                 delete nothing: list what would go, and why the rest is kept
  --grace <s>               what is garbage goes when an earlier collection found it so, this long before (default 3600)
  --retain <n>              complete epochs that are kept beside savepoints (default: all; a running job sees to that)
`;
