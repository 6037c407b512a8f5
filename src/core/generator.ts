/** Starts a second over all workers to which a simultaneous start is spread, and so the rate at which soakd opens connections at most. */
export const DIALS_PER_SECOND = 3000;

/** Users above which `workers: auto` takes a further worker, which is then worth its CPU (docs/architecture.md has the measurements). */
export const USERS_PER_WORKER = 4000;
