/**
 * How long a test, and whatever waits in one for another process, may take. Nothing that works takes so long on any machine, however
 * busy: waiting ends as soon as what is waited for has come, and only what hangs is told by this.
 */
export const patienceMs = 10 * 60_000;
