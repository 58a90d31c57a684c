import {
  accountDataChanges,
  allAccountData,
  type AccountDataEntry,
} from '../../../storage/accounts/account-data-reader.ts'
import { NO_ROOM } from '../../../storage/accounts/account-data-write.ts'
import type { RoomNid } from '../../../storage/numeric-ids.ts'
import { earlierOf, type StreamPosition } from '../../../storage/position/position.ts'
import { globalAccountData, roomAccountData } from '../../sync/account-data-events.ts'
import { asSyncRequest } from '../load-timelines.ts'
import type { Told } from '../sent-room.ts'
import { byRoomText, roomsInScope, type ExtensionContext } from './extension-context.ts'
import type { ExtensionPart } from './sliding-extension.ts'

const NO_ROOMS: ReadonlySet<RoomNid> = new Set()

/** The account data extension (MSC3959). Undefined where it is switched off; what goes untold is noted all the same. */
export async function accountDataExtension(context: ExtensionContext): Promise<ExtensionPart | undefined> {
  const { services, source, request, state, changes, since, head } = context
  const scope = request.extensions.accountData
  const rooms = roomsInScope(context, scope)
  const isFollowed =
    scope !== undefined || [...state.rooms.values()].some(({ accountData }) => accountData === 'live')
  const news =
    since !== undefined && isFollowed ? await source.accountData(request.viewer.userNid, since, head) : []
  for (const { roomNid } of news) {
    const isLive = roomNid !== NO_ROOM && changes.room(roomNid).accountData === 'live'
    if (isLive && !rooms.has(roomNid)) changes.update(roomNid, { accountData: since })
  }
  changes.globalAccountData = scope !== undefined
  if (!scope) return undefined

  const whole = !state.globalAccountData || since === undefined
  const late = await lateEntries(context, rooms)
  const global = globalAccountData(
    services,
    {
      entries: whole ? await allAccountData(services.queries, request.viewer.userNid, head) : news,
      rooms: NO_ROOMS,
    },
    { ...asSyncRequest(request), since: whole ? undefined : request.since!.stream },
  )
  const told = new Map<RoomNid, Told>(Array.from(rooms.keys(), (nid) => [nid, changes.room(nid).accountData]))
  const entries = [
    ...news.filter(({ roomNid }) => told.get(roomNid) === 'live'),
    ...late.filter(({ roomNid }) => rooms.has(roomNid) && told.get(roomNid) !== 'live'),
  ]
  for (const roomNid of rooms.keys()) changes.update(roomNid, { accountData: 'live' })
  const byRoom = roomAccountData({ entries, rooms: NO_ROOMS }, asSyncRequest(request))
  const texts = Array.from(byRoom, ([nid, events]) => [rooms.get(nid)!, `[${events.join(',')}]`] as const)
  return {
    text: `{"global":[${global.join(',')}],"rooms":${byRoomText(texts)}}`,
    hasNews: global.length > 0 || texts.length > 0,
  }
}

/** Entries of rooms that the client has not followed up to the last answer. */
async function lateEntries(
  { services: { queries }, request: { viewer }, changes, head }: ExtensionContext,
  rooms: ReadonlyMap<RoomNid, string>,
): Promise<readonly AccountDataEntry[]> {
  const told = Array.from(rooms.keys(), (roomNid) => changes.room(roomNid).accountData)
  const isNew = told.includes(undefined)
  const positions = told.filter((value): value is StreamPosition => value !== undefined && value !== 'live')
  if (!isNew && positions.length === 0) return []
  // What was deleted is told to those who may know of it.
  const changed =
    positions.length > 0
      ? await accountDataChanges(queries, viewer.userNid, positions.reduce(earlierOf), head)
      : []
  if (!isNew) return changed
  const all = await allAccountData(queries, viewer.userNid, head)
  return [...all, ...changed.filter(({ content }) => content === null)]
}
