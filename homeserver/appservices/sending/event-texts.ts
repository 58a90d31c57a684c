import { readEvent } from '../../../protocol/events/read-event.ts'
import { eventIdOf } from '../../../protocol/events/event-id.ts'
import { toClientEvent } from '../../../protocol/events/client-format.ts'
import { isJsonObject, ownValue, type JsonValue } from '../../../protocol/json/value.ts'
import { parseJson } from '../../../protocol/json/parse.ts'
import { roomVersion } from '../../../protocol/room-versions/room-versions.ts'
import type { StoredEvent } from '../../../storage/events/stored-event.ts'
import { outsideRooms, type OutsideRoom } from '../../../storage/sync/user-rooms-reader.ts'
import { loadPresenter } from '../../history/event-presenter.ts'
import type { Viewer } from '../../history/read-services.ts'
import { membershipIn } from '../../rooms/membership-in.ts'
import { loadStrippedRooms } from '../../sync/stripped-rooms.ts'
import type { SyncServices } from '../../sync/sync-services.ts'
import type { AppService } from '../registration/app-service.ts'
import type { ServiceItem } from './service-item.ts'

/**
 * JSON texts of things that a service is told, each with its room, in the client format; undefined for what is there
 * no longer.
 */
export async function eventTexts(
  services: SyncServices,
  appService: AppService,
  items: readonly ServiceItem[],
): Promise<(string | undefined)[]> {
  const places = items.filter((item) => item.kind === 'event')
  const stored = await services.events.byPlaces(places)
  const all = [...stored.values()]
  const viewer = await viewerOf(services, appService.senderId)
  const described = all.filter(({ event }) => event.stateKey !== undefined)
  const presenter = await loadPresenter(
    services,
    services.replacedState,
    services.sent,
    viewer,
    all,
    described,
  )
  return Promise.all(
    items.map(async (item) => {
      if (item.kind === 'outside') return outsideText(services, item)
      const event = stored.get(item.eventNid)
      if (!event) return undefined
      const text = presenter.present(event, 'full')
      return isInviteFor(appService, event) ? withRoomState(text, await roomStateOf(services, event)) : text
    }),
  )
}

async function viewerOf({ interner }: SyncServices, userId: string): Promise<Viewer> {
  return { userNid: await interner.userNid(userId), userId, deviceId: undefined }
}

function isInviteFor({ namespaces }: AppService, { event }: StoredEvent): boolean {
  if (event.type !== 'm.room.member' || membershipIn(event) !== 'invite') return false
  return namespaces.hasUser(event.stateKey ?? '')
}

/** What those who are invited may know of the room, as clients are told it. */
async function roomStateOf(
  services: SyncServices,
  { event, roomNid, eventNid }: StoredEvent,
): Promise<readonly string[]> {
  const viewer = await viewerOf(services, event.stateKey ?? '')
  const rooms = await loadStrippedRooms(services, viewer, [{ roomNid, eventNid, outside: false }])
  return rooms.get(roomNid)?.events ?? []
}

/** @param text ends with the braces of `unsigned` and of the event. */
function withRoomState(text: string, events: readonly string[]): string {
  return `${text.slice(0, -2)},"invite_room_state":[${events.join(',')}]}}`
}

/** An invite from a room of other servers, of which only the invite itself is here. */
async function outsideText(
  services: SyncServices,
  { roomNid, userNid }: Extract<ServiceItem, { kind: 'outside' }>,
): Promise<string | undefined> {
  const room = (await outsideRooms(services.queries, userNid, [roomNid])).get(roomNid)
  const roomId = (await services.interner.roomIds([roomNid])).get(roomNid)
  const pdu: JsonValue = room?.eventPdu === undefined ? null : parseJson(Buffer.from(room.eventPdu))
  if (!room || roomId === undefined || !isJsonObject(pdu)) return undefined
  const state = strippedOf(room)
  const version = versionIn(state)
  if (!version) return undefined
  const event = readEvent(pdu, version, { eventId: eventIdOf(pdu, version), roomId })
  const age = Math.max(0, services.now() - event.originServerTs)
  const text = JSON.stringify(toClientEvent(event, 'full', { age }))
  const texts = state.map((stripped) => JSON.stringify(stripped))
  return membershipIn(event) === 'invite' ? withRoomState(text, texts) : text
}

function strippedOf({ strippedState }: OutsideRoom): JsonValue[] {
  const listed = strippedState === undefined ? [] : parseJson(Buffer.from(strippedState))
  return Array.isArray(listed) ? listed : []
}

/** The version that the stripped create event names; 1 where it names none (room versions). */
function versionIn(state: readonly JsonValue[]) {
  const create = state.filter(isJsonObject).find((event) => ownValue(event, 'type') === 'm.room.create')
  const content = create && ownValue(create, 'content')
  if (!isJsonObject(content)) return undefined
  const named = ownValue(content, 'room_version') ?? '1'
  return typeof named === 'string' ? roomVersion(named) : undefined
}
