import { compileGlob, containsWords } from '../glob/compile-glob.ts'
import { type JsonObject, type JsonValue, ownValue } from '../json/value.ts'
import { compileMemberCount } from './member-count.ts'
import { type PushContext, senderMayNotify } from './push-context.ts'
import type { PushEvent } from './push-event.ts'

export type CompiledCondition = (event: PushEvent, context: PushContext) => boolean

/** The one property that is matched by words, not as a whole. */
const BODY = 'content.body'

/** A condition that is unknown or malformed matches no event (client-server API, "Conditions"). */
const NEVER: CompiledCondition = () => false

/** Compiles a condition of an override or underride rule. */
export function compileCondition(condition: JsonObject): CompiledCondition {
  switch (ownValue(condition, 'kind')) {
    case 'event_match':
      return withText(condition, 'key', (key) =>
        withText(condition, 'pattern', (glob) => eventMatch(key, glob)),
      )
    case 'event_property_is':
      return withText(condition, 'key', (key) => propertyIs(key, ownValue(condition, 'value')))
    case 'event_property_contains':
      return withText(condition, 'key', (key) => propertyContains(key, ownValue(condition, 'value')))
    case 'contains_display_name':
      return containsDisplayName
    case 'room_member_count':
      return withText(condition, 'is', memberCount)
    case 'sender_notification_permission':
      return withText(condition, 'key', (key) => (_event, context) => senderMayNotify(context, key))
    case 'io.element.msc4306.thread_subscription':
      return inThread(ownValue(condition, 'subscribed'))
    default:
      return NEVER
  }
}

/** The condition of a content rule, and the meaning of `event_match`. */
export function eventMatch(key: string, pattern: string): CompiledCondition {
  const matches = compileGlob(pattern.toLowerCase(), { words: key === BODY })
  return (event) => {
    const value = event.folded(key)
    return value !== undefined && matches(value)
  }
}

function withText(
  condition: JsonObject,
  name: string,
  compile: (text: string) => CompiledCondition,
): CompiledCondition {
  const text = ownValue(condition, name)
  return typeof text === 'string' ? compile(text) : NEVER
}

function inThread(subscribed: JsonValue | undefined): CompiledCondition {
  if (typeof subscribed !== 'boolean') return NEVER
  return (_event, context) => context.inSubscribedThread === subscribed
}

function propertyIs(key: string, wanted: JsonValue | undefined): CompiledCondition {
  return isScalar(wanted) ? (event) => event.value(key) === wanted : NEVER
}

function propertyContains(key: string, wanted: JsonValue | undefined): CompiledCondition {
  if (!isScalar(wanted)) return NEVER
  return (event) => {
    const list = event.value(key)
    return Array.isArray(list) && list.includes(wanted)
  }
}

/** Strings, integers, booleans and null; a fraction is no canonical JSON and equals nothing. */
function isScalar(value: JsonValue | undefined): value is string | number | boolean | null {
  if (typeof value === 'number') return Number.isSafeInteger(value)
  return value === null || typeof value === 'string' || typeof value === 'boolean'
}

function containsDisplayName(event: PushEvent, context: PushContext): boolean {
  const body = event.folded(BODY)
  const name = context.displayName?.toLowerCase()
  if (body === undefined || name === undefined || name === '') return false
  return name.length <= body.length && containsWords(body, name)
}

function memberCount(is: string): CompiledCondition {
  const fits = compileMemberCount(is)
  return fits === undefined ? NEVER : (_event, context) => fits(context.memberCount)
}
