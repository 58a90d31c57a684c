/**
 * A client repeats a request whose answer it has not had within seconds, or when its network is back. A day is what
 * deployed servers give it, and a busy server makes a row for each message. In milliseconds.
 */
export const REPEATABLE_MS = 24 * 3_600_000
