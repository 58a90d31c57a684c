import type { RoomEvent } from '../events/room-event.ts'
import { ownValue } from '../json/value.ts'
import type { AuthState } from './auth-state.ts'

export type Membership = 'join' | 'invite' | 'leave' | 'ban' | 'knock'

const MEMBERSHIPS: ReadonlySet<unknown> = new Set<Membership>(['join', 'invite', 'leave', 'ban', 'knock'])

function isMembership(value: unknown): value is Membership {
  return MEMBERSHIPS.has(value)
}

/** The membership that an `m.room.member` event sets, or undefined if it names none that is known. */
export function membershipIn(event: Pick<RoomEvent, 'content'>): Membership | undefined {
  const membership = ownValue(event.content, 'membership')
  return isMembership(membership) ? membership : undefined
}

/** A user's membership in `auth`, or undefined for somebody who never had one. */
export function membershipOf(auth: AuthState, userId: string): Membership | undefined {
  const member = auth.get('m.room.member', userId)
  return member && membershipIn(member)
}

/**
 * The room's join rule. Without an `m.room.join_rules` event, or without the key in it, a room is
 * invite-only. A value that is not a string matches no rule, so that nobody joins by it.
 */
export function joinRuleOf(auth: AuthState): string | undefined {
  const rules = auth.get('m.room.join_rules', '')
  if (!rules) return 'invite'
  const rule = ownValue(rules.content, 'join_rule')
  if (rule === undefined) return 'invite'
  return typeof rule === 'string' ? rule : undefined
}
