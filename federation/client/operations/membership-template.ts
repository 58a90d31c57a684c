import type { JsonObject } from '../../../protocol/json/value.ts'
import { Answer } from './answer.ts'

/**
 * The answer to `make_join`, `make_leave` and `make_knock`. The event is another server's proposal: never sign it,
 * build our own from what must be taken from it.
 */
export interface MembershipTemplate {
  readonly event: JsonObject
  /** A server that leaves it out means version 1. */
  readonly roomVersion: string
}

/** @throws FederationRequestError */
export function readTemplate(destination: string, answer: JsonObject): MembershipTemplate {
  const read = new Answer(destination, answer)
  return { event: read.object('event'), roomVersion: read.optionalString('room_version') ?? '1' }
}
