/** Version of the tables below. A file of an older version is migrated, one of a newer version refused. */
export const schemaVersion = 3;

/** What a row's checksum is of, in this order (row-checksum.ts). */
export const columns = {
  log: "job generation slot place version nonce kind epoch plan format body_key body".split(" "),
  control: "partition sort rank value".split(" "),
  keyed: "name key generation version position content owner incarnation".split(" "),
  shard:
    "number stream shard_id first_hash last_hash parents closed first_sequence next_sequence last_arrival".split(
      " ",
    ),
  segment: "shard last first arrival records".split(" "),
} as const satisfies Readonly<Record<string, readonly string[]>>;
export type TableName = keyof typeof columns;

export const indexNames = ["log_version", "segment_arrival"] as const;

/** Every table of `millrace.db`. A checksum that is NULL: the row was written before rows had them. */
export const schema = `
  CREATE TABLE log (
    job TEXT NOT NULL,
    generation INTEGER NOT NULL,
    slot TEXT NOT NULL,
    place INTEGER NOT NULL,
    version INTEGER NOT NULL,
    nonce TEXT NOT NULL,
    kind TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    plan TEXT NOT NULL,
    format INTEGER NOT NULL,
    body_key TEXT,
    body BLOB,
    checksum INTEGER,
    PRIMARY KEY (job, generation, slot, place)
  );
  -- The tail of a log is read all the time.
  CREATE INDEX log_version ON log (job, generation, slot, version);

  CREATE TABLE control (
    partition TEXT NOT NULL,
    sort TEXT NOT NULL,
    rank INTEGER NOT NULL,
    value TEXT NOT NULL,
    checksum INTEGER,
    PRIMARY KEY (partition, sort)
  ) WITHOUT ROWID;

  -- A tombstone is a row whose content is NULL. An owner that is NULL: the row was written before rows had owners.
  CREATE TABLE keyed (
    name TEXT NOT NULL,
    key TEXT NOT NULL,
    generation INTEGER NOT NULL,
    version INTEGER NOT NULL,
    position INTEGER NOT NULL,
    content TEXT,
    owner TEXT,
    incarnation INTEGER NOT NULL DEFAULT 0,
    checksum INTEGER,
    PRIMARY KEY (name, key)
  ) WITHOUT ROWID;

  CREATE TABLE shard (
    number INTEGER PRIMARY KEY,
    stream TEXT NOT NULL,
    shard_id TEXT NOT NULL,
    first_hash TEXT NOT NULL,
    last_hash TEXT NOT NULL,
    parents TEXT NOT NULL,
    closed INTEGER NOT NULL,
    first_sequence INTEGER NOT NULL,
    next_sequence INTEGER NOT NULL,
    last_arrival INTEGER NOT NULL,
    checksum INTEGER,
    UNIQUE (stream, shard_id)
  );

  -- What one put wrote to one shard: the records from first to last, packed (segment.ts).
  CREATE TABLE segment (
    shard INTEGER NOT NULL,
    last INTEGER NOT NULL,
    first INTEGER NOT NULL,
    arrival INTEGER NOT NULL,
    records BLOB NOT NULL,
    checksum INTEGER,
    PRIMARY KEY (shard, last)
  );
  CREATE INDEX segment_arrival ON segment (shard, arrival, last, first);

  PRAGMA user_version = ${schemaVersion};
`;

/** By version: what makes the next one of it. */
export const migrations: Readonly<Record<number, string>> = {
  1: `
    ALTER TABLE keyed ADD COLUMN owner TEXT;
    ALTER TABLE keyed ADD COLUMN incarnation INTEGER NOT NULL DEFAULT 0;
    PRAGMA user_version = 2;
  `,
  // Rows get their checksum when they are next written: to give one to what is there would bless what is damaged already.
  2: `
    ALTER TABLE log ADD COLUMN checksum INTEGER;
    ALTER TABLE control ADD COLUMN checksum INTEGER;
    ALTER TABLE keyed ADD COLUMN checksum INTEGER;
    ALTER TABLE shard ADD COLUMN checksum INTEGER;
    ALTER TABLE segment ADD COLUMN checksum INTEGER;
    PRAGMA user_version = 3;
  `,
};
