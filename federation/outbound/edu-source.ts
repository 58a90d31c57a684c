import type { JsonObject } from '../../protocol/json/value.ts'

/** EDUs that must not be lost, taken from where they are stored. */
export interface DurableEdus {
  readonly edus: readonly JsonObject[]
  /** Called when the destination has them. */
  delivered(): Promise<void>
}

/** Something that stores EDUs for other servers: messages to devices, changes of device lists. */
export interface EduSource {
  /** The next EDUs for a server, `limit` at most and none when nothing waits; the same again until they are delivered. */
  next(serverName: string, limit: number): Promise<DurableEdus>
}
