import pg from 'pg'
import { isJsonObject, ownValue } from '../../protocol/json/value.ts'
import type { StoredEvent } from '../../storage/events/stored-event.ts'
import type { EventNid } from '../../storage/numeric-ids.ts'
import type { StreamPosition } from '../../storage/position/position.ts'
import {
  keepSearchable,
  putSearchable,
  type SearchableEvent,
} from '../../storage/search/event-search-writer.ts'
import { newEventsOfTypes, redactedBy, type EventPlace } from '../../storage/search/searchable-places.ts'
import { saveCursor } from '../../storage/position/stream-cursor.ts'
import { relationOf } from '../rooms/relation-of.ts'
import type { SyncServices } from '../sync/sync-services.ts'
import { SEARCHED_TYPES, searchableText } from './searchable-text.ts'
import { versionsOf } from './text-versions.ts'
import { wordForm } from './word-form.ts'

/** Names the stored cursor. */
export const MESSAGE_INDEX = 'search'
/** Events of one step, a few hundred kB of text. */
const STEP_EVENTS = 500
/** A vector of PostgreSQL holds a megabyte in all languages together; nobody reads texts that are longer than this. */
const MAX_TEXT = 20_000
/** Classes of errors that a text causes and that trying again does not mend: data exceptions and program limits. */
const TEXT_ERRORS = /^(22|54)/

/** What the index is made of. */
export interface MessageIndex {
  readonly services: Pick<SyncServices, 'queries' | 'interner' | 'events' | 'children'>
  readonly languages: readonly string[]
  /** Told of events that the database refuses; they are not found then. */
  readonly onError: (error: unknown) => void
}

/** Indexes what is new in a part of the stream, edits and redactions with it. Returns how far it came. */
export async function indexStream(
  index: MessageIndex,
  after: StreamPosition,
  until: StreamPosition,
): Promise<StreamPosition> {
  const { queries, interner, events } = index.services
  const types = await interner.findTypeNids([...SEARCHED_TYPES, 'm.room.redaction'])
  const range = { after, until, limit: STEP_EVENTS }
  const places = await newEventsOfTypes(queries, [...types.values()], range)
  const stored = await events.byPlaces(places)
  const redactions = places.filter(({ eventNid }) => stored.get(eventNid)?.event.type === 'm.room.redaction')
  const redacted = await redactedBy(
    queries,
    redactions.map(({ eventNid }) => eventNid),
  )
  await indexEvents(index, [...places, ...redacted])
  const end = places.length < STEP_EVENTS ? until : places.at(-1)!.position
  await saveCursor(queries, MESSAGE_INDEX, end)
  return end
}

/** Brings what is found of events up to date; of edits, what is found of the events that they replace. */
export async function indexEvents(index: MessageIndex, places: readonly EventPlace[]): Promise<void> {
  const { events, queries } = index.services
  const stored = await events.byPlaces(places)
  const edited = await events.byIds([...stored.values()].flatMap((event) => editedBy(event) ?? []))
  const targets = new Map<EventNid, StoredEvent>()
  for (const event of [...stored.values(), ...edited.values()]) targets.set(event.eventNid, event)
  const texts = await textsOf(index, [...targets.values()])
  await put(index, texts)
  await keepSearchable(queries, [...targets.values()], texts)
}

/** One text that cannot be stored must not keep the others out. */
async function put(index: MessageIndex, events: readonly SearchableEvent[]): Promise<void> {
  try {
    await putSearchable(index.services.queries, events, index.languages)
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || !TEXT_ERRORS.test(error.code ?? '')) throw error
    if (events.length === 1) return index.onError(error)
    const middle = Math.ceil(events.length / 2)
    await put(index, events.slice(0, middle))
    await put(index, events.slice(middle))
  }
}

async function textsOf(
  { services: { events, children } }: MessageIndex,
  targets: readonly StoredEvent[],
): Promise<SearchableEvent[]> {
  const wanted = targets.filter((target) => target.redactedBy === undefined && editedBy(target) === undefined)
  const summaries = await children.of(wanted)
  const edits = await events.byPlaces(
    wanted.flatMap(({ roomNid, eventNid }) =>
      (summaries.get(eventNid)?.edits ?? []).map((nid) => ({ roomNid, eventNid: nid })),
    ),
  )
  return wanted.flatMap((target) => {
    const newestFirst = (summaries.get(target.eventNid)?.edits ?? []).map((nid) => edits.get(nid))
    return versionsOf(target, newestFirst.filter(isReplacement)).flatMap((version) => {
      const { roomNid, eventNid, senderNid, event } = target
      const { historyPos, textPos, textNid, replacedPos, content } = version
      const said = isJsonObject(content) ? searchableText(event, content) : undefined
      if (!said) return []
      const text = wordForm(said.text, MAX_TEXT)
      const { originServerTs } = event
      return [{ roomNid, eventNid, senderNid, historyPos, textPos, textNid, replacedPos, key: said.key, text, originServerTs }] // prettier-ignore
    })
  })
}

/** The event that an event replaces, if it is an edit; its own text is found by nobody. */
function editedBy({ event }: StoredEvent): string | undefined {
  const relation = relationOf(event)
  return relation?.relType === 'm.replace' ? relation.parentEventId : undefined
}

function isReplacement(edit: StoredEvent | undefined): edit is StoredEvent {
  return (
    edit?.redactedBy === undefined &&
    edit !== undefined &&
    isJsonObject(ownValue(edit.event.content, 'm.new_content'))
  )
}
