/**
 * Why the server closes a live socket (RFC 6455, §7.4.2: codes for private use). After `resume` the client connects
 * again with its last token and loses nothing; after the others it must change something first.
 */
export const CLOSE_CODES = {
  resume: 4000,
  badFrame: 4400,
  unauthorized: 4401,
  helloMissing: 4408,
  tooMany: 4429,
} as const

export type CloseCause = keyof typeof CLOSE_CODES
