import type { Namespaces } from './namespaces.ts'

/** Under which names an application service is sent ephemeral data, if at all. */
export type EphemeralNames =
  | 'none'
  /** As the specification has them since version 1.13. */
  | 'stable'
  /** As MSC2409 had them, and the stable ones beside them. */
  | 'both'

/** An application service as its registration file describes it (application service API, "Registration"). */
export interface AppService {
  readonly id: string
  /** Where it is called, without a slash at the end; undefined when nothing is sent to it. */
  readonly url: string | undefined
  /** SHA-256 of the token by which it calls this server. */
  readonly asTokenHash: Buffer
  /** The token by which this server calls it. */
  readonly hsToken: string
  /** The user that it is when it names no other. */
  readonly senderId: string
  readonly namespaces: Namespaces
  /** Whether rate limits hold for its users; they never do for its sender. */
  readonly rateLimited: boolean
  readonly ephemeral: EphemeralNames
  /** Whether it is told of its users' devices: messages to them, device lists and key counts (MSC3202, MSC4203). */
  readonly tellsDevices: boolean
  /** Whether it makes devices without logging in, so that it may not log in (MSC4190). */
  readonly makesDevices: boolean
  /** Third-party networks that it bridges. */
  readonly protocols: readonly string[]
}
