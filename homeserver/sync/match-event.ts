import type { RoomEvent } from '../../protocol/events/room-event.ts'
import { ownValue } from '../../protocol/json/value.ts'
import type { EventFilter, RoomEventFilter } from '../filters/filter.ts'
import { relationOf } from '../rooms/relation-of.ts'

export type Matcher<Item> = (item: Item) => boolean

/** Whether there is anything that the filter would leave out. */
export function isSelective(filter: RoomEventFilter): boolean {
  return (
    filter.senders !== undefined ||
    filter.notSenders !== undefined ||
    filter.types !== undefined ||
    filter.notTypes !== undefined ||
    filter.containsUrl !== undefined ||
    filter.relTypes !== undefined ||
    filter.notRelTypes !== undefined
  )
}

/** Whether an event is one that the filter asks for; what it says of rooms is not looked at. */
export function eventMatcher(filter: RoomEventFilter): Matcher<RoomEvent> {
  if (!isSelective(filter)) return () => true
  const matchesType = typeMatcher(filter)
  const senders = filter.senders && new Set(filter.senders)
  const notSenders = new Set(filter.notSenders)
  const matchesRelation = relationMatcher(filter)
  return (event) =>
    matchesType(event.type) &&
    matchesRelation(event) &&
    (senders === undefined || senders.has(event.sender)) &&
    !notSenders.has(event.sender) &&
    (filter.containsUrl === undefined ||
      (typeof ownValue(event.content, 'url') === 'string') === filter.containsUrl)
}

/** An event without a relation is of no type that is asked for, and of none that is unwanted. */
function relationMatcher({ relTypes, notRelTypes }: RoomEventFilter): Matcher<RoomEvent> {
  if (relTypes === undefined && notRelTypes === undefined) return () => true
  const wanted = relTypes && new Set(relTypes)
  const unwanted = new Set(notRelTypes)
  return (event) => {
    const relType = relationOf(event)?.relType
    if (relType === undefined) return wanted === undefined
    return (wanted === undefined || wanted.has(relType)) && !unwanted.has(relType)
  }
}

/** Whether an event type is one that the filter asks for. */
export function typeMatcher(filter: EventFilter): Matcher<string> {
  const wanted = filter.types && anyGlob(filter.types)
  const unwanted = anyGlob(filter.notTypes ?? [])
  return (type) => (wanted === undefined || wanted(type)) && !unwanted(type)
}

/** Whether a room is one that all of the filters ask for; what a filter excludes wins. */
export function roomMatcher(
  ...filters: readonly { readonly rooms?: readonly string[]; readonly notRooms?: readonly string[] }[]
): Matcher<string> {
  const checks = filters.map(({ rooms, notRooms }) => {
    const wanted = rooms && new Set(rooms)
    const unwanted = new Set(notRooms)
    return (roomId: string): boolean => (wanted === undefined || wanted.has(roomId)) && !unwanted.has(roomId)
  })
  return (roomId) => checks.every((check) => check(roomId))
}

function anyGlob(patterns: readonly string[]): Matcher<string> {
  const exact = new Set(patterns.filter((pattern) => !pattern.includes('*')))
  const wildcards = patterns.filter((pattern) => pattern.includes('*')).map(wildcard)
  return (type) => exact.has(type) || wildcards.some((matches) => matches(type))
}

/** In filters `*` alone is special, unlike in globs; each piece is sought once, from where the last one ended. */
function wildcard(pattern: string): Matcher<string> {
  const pieces = pattern.split('*')
  const first = pieces.shift() ?? ''
  const last = pieces.pop() ?? ''
  return (text) => {
    if (!text.startsWith(first)) return false
    let from = first.length
    for (const piece of pieces) {
      const at = text.indexOf(piece, from)
      if (at < 0) return false
      from = at + piece.length
    }
    return text.length - last.length >= from && text.endsWith(last)
  }
}
