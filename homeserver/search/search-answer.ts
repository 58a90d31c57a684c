import type { StoredEvent } from '../../storage/events/stored-event.ts'
import { loadPresenter, type EventPresenter } from '../history/event-presenter.ts'
import type { Viewer } from '../history/read-services.ts'
import type { SyncServices } from '../sync/sync-services.ts'
import { formatToken } from '../sync/tokens.ts'
import type { VisibleResult } from './find-visible.ts'
import type { SearchResults } from './message-search.ts'
import { contextsOf, type ResultContext } from './result-context.ts'
import { stateOfResults } from './result-state.ts'
import type { MessageSearch } from './search-request.ts'
import { formatSearchToken, type GroupKey } from './search-token.ts'

/** The answer to a search as JSON text: `search_categories.room_events` (client-server API, `POST /search`). */
export async function searchAnswer(
  services: SyncServices,
  viewer: Viewer,
  request: MessageSearch,
  { results, next, count, highlights }: SearchResults,
): Promise<string> {
  const { rooms } = await services.views.of(viewer.userNid)
  const contexts = request.context && (await contextsOf(services, viewer, results, request.context))
  const roomNids = [...new Set(results.map(({ stored }) => stored.roomNid))]
  const state =
    request.includeState && roomNids.length > 0
      ? await stateOfResults(services, rooms, roomNids, !request.filter.lazyLoadMembers)
      : undefined
  const around = Array.from(contexts?.values() ?? [], ({ before, after }) => [...before, ...after]).flat()
  const described = [...results.map(({ stored }) => stored), ...around]
  const states = [...(state?.values() ?? [])].flat()
  const { replacedState, sent } = services
  const all = [...described, ...states]
  const presenter = await loadPresenter(services, replacedState, sent, viewer, all, described)
  const texts = results.map((result) => resultText(presenter, result, contexts?.get(result.found.eventNid)))
  const members = [
    `"count":${count}`,
    `"highlights":${JSON.stringify(highlights)}`,
    `"results":[${texts.join(',')}]`,
  ]
  if (state) members.push(`"state":{${stateTexts(presenter, [...state.values()]).join(',')}}`)
  if (request.groupBy.length > 0) {
    members.push(`"groups":${JSON.stringify(groupsOf(request.groupBy, results, next !== undefined))}`)
  }
  if (next) members.push(`"next_batch":"${formatSearchToken({ place: next, group: undefined })}"`)
  return `{"search_categories":{"room_events":{${members.join(',')}}}}`
}

function resultText(
  presenter: EventPresenter,
  { found, stored, sighting }: VisibleResult,
  context: ResultContext | undefined,
): string {
  const event = presenter.present(stored, 'full', sighting.membership)
  const text = `{"rank":${found.rank},"result":${event}`
  if (!context) return `${text}}`
  const { before, after, sightings, profiles } = context
  const present = (list: readonly StoredEvent[]): string =>
    list.map((other) => presenter.present(other, 'full', sightings.get(other.eventNid)?.membership)).join(',')
  const oldest = before.at(-1)?.historyPos ?? found.historyPos
  const newest = after.at(-1)?.historyPos ?? found.historyPos
  const members = [
    `"start":"${formatToken({ kind: 'history', place: oldest - 1 })}"`,
    `"end":"${formatToken({ kind: 'history', place: newest })}"`,
    `"events_before":[${present(before)}]`,
    `"events_after":[${present(after)}]`,
  ]
  if (profiles) members.push(`"profile_info":${JSON.stringify(profiles)}`)
  return `${text},"context":{${members.join(',')}}}`
}

function stateTexts(presenter: EventPresenter, rooms: readonly (readonly StoredEvent[])[]): string[] {
  return rooms.flatMap((events) => {
    const roomId = events[0]?.event.roomId
    if (roomId === undefined) return []
    return [
      `${JSON.stringify(roomId)}:[${events.map((event) => presenter.present(event, 'full')).join(',')}]`,
    ]
  })
}

function groupsOf(
  keys: readonly GroupKey[],
  results: readonly VisibleResult[],
  mayHaveMore: boolean,
): object {
  const groups = keys.map((key) => {
    const byValue = Map.groupBy(results, ({ stored: { event } }) =>
      key === 'room_id' ? event.roomId : event.sender,
    )
    const described = Array.from(byValue, ([value, members], index) => {
      const place = members.at(-1)!.found
      const group = {
        order: index + 1,
        results: members.map(({ stored }) => stored.event.eventId),
        ...(mayHaveMore && { next_batch: formatSearchToken({ place, group: { key, value } }) }),
      }
      return [value, group] as const
    })
    return [key, Object.fromEntries(described)] as const
  })
  return Object.fromEntries(groups)
}
