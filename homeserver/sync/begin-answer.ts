import { allAccountData } from '../../storage/accounts/account-data-reader.ts'
import type { RoomNid } from '../../storage/numeric-ids.ts'
import { laterOf, type StreamPosition } from '../../storage/position/position.ts'
import { welcomeOf } from '../moderation/welcome-invites.ts'
import {
  globalAccountData,
  loadAccountData,
  roomAccountData,
  type AccountData,
} from './account-data-events.ts'
import { strippedText } from './answer-text.ts'
import type { ChangeSource } from './change-source.ts'
import { hasTypingNews, mayHaveTypingNews } from './ephemeral-events.ts'
import { readProvided } from './read-provided.ts'
import { planRooms, type RoomPlan } from './skeleton.ts'
import type { ProvidedPart, SyncStretch } from './stream-provider.ts'
import { loadStrippedRooms } from './stripped-rooms.ts'
import { mayWait, type SyncRequest } from './sync-request.ts'
import type { ByRoom, SyncServices } from './sync-services.ts'
import { formatToken, type StreamToken } from './tokens.ts'
import type { UserView } from './user-view.ts'

/** An answer without its joined and left rooms, of which there are only the plans. Texts are JSON. */
export interface BegunAnswer {
  /** Where the next answer begins. */
  readonly next: StreamToken
  readonly nextBatch: string
  readonly plans: readonly RoomPlan[]
  readonly accountData: readonly string[]
  /** Account data of rooms. */
  readonly roomData: ByRoom<readonly string[]>
  readonly invite: readonly string[]
  readonly knock: readonly string[]
  readonly provided: ProvidedPart
}

/** Begins the answer to a sync as of now: everything that is loaded once, whatever the number of rooms. */
export async function beginAnswer(
  services: SyncServices,
  source: ChangeSource,
  request: SyncRequest,
  view: UserView,
): Promise<BegunAnswer> {
  const { viewer, since, filter } = request
  const { ephemeral } = services
  const head = since ? laterOf(services.committer.head, since.position) : services.committer.head
  // Copied in the same turn as the head: a room that changes from here on belongs to the next answer.
  const userRooms = [...view.rooms.values()]
  const current = { epoch: ephemeral.epoch, version: ephemeral.version }
  const next: StreamToken = {
    kind: 'stream',
    position: head,
    ephemeral: request.durableOnly && since ? since.ephemeral : current,
  }

  if (!mayWait(request)) services.sentMembers.forget(viewer)

  const accountData = await loadAccountData(services, source, request, head)
  const skeleton = await planRooms(services, source, view.userNid, userRooms, request, head, {
    accountData: accountData.rooms,
    typing: (roomIds) => roomsWithTypingNews(services, request, roomIds),
  })
  const [stripped, provided, roomData, isWelcome] = await Promise.all([
    loadStrippedRooms(services, viewer, [...skeleton.invited, ...skeleton.knocked]),
    readProvided(services.providers, viewer, stretchOf(request, head), filter),
    dataOfRooms(services, request, accountData, skeleton.rooms),
    welcomeOf(services, viewer.userNid),
  ])
  const strippedOf = (rooms: typeof skeleton.invited, key: 'invite_state' | 'knock_state'): string[] =>
    rooms.flatMap(({ roomNid }) => {
      const room = stripped.get(roomNid)
      if (!room || (key === 'invite_state' && room.sender !== undefined && !isWelcome(room.sender))) return []
      return [strippedText(skeleton.roomIds.get(roomNid)!, key, room.events)]
    })
  return {
    next,
    nextBatch: formatToken(next),
    plans: skeleton.rooms,
    accountData: globalAccountData(services, accountData, request),
    roomData,
    invite: strippedOf(skeleton.invited, 'invite_state'),
    knock: strippedOf(skeleton.knocked, 'knock_state'),
    provided,
  }
}

function stretchOf({ since, received, durableOnly }: SyncRequest, upTo: StreamPosition): SyncStretch {
  return {
    after: since?.position,
    upTo,
    received: received === 'nothing' ? undefined : (received ?? since)?.position,
    seen: since?.ephemeral,
    durableOnly: durableOnly === true,
  }
}

/** Account data of rooms: what changed, and all that there is of rooms that are new to the client. */
async function dataOfRooms(
  services: SyncServices,
  request: SyncRequest,
  changed: AccountData,
  plans: readonly RoomPlan[],
): Promise<ReadonlyMap<RoomNid, readonly string[]>> {
  const fresh = new Set(plans.filter(({ newlyJoined }) => newlyJoined).map(({ roomNid }) => roomNid))
  if (fresh.size === 0) return roomAccountData(changed, request)
  const all = await allAccountData(services.queries, request.viewer.userNid, services.committer.head)
  const entries = [
    ...changed.entries.filter(({ roomNid }) => !fresh.has(roomNid)),
    ...all.filter(({ roomNid }) => fresh.has(roomNid)),
  ]
  return roomAccountData({ ...changed, entries }, request)
}

function roomsWithTypingNews(
  { ephemeral }: SyncServices,
  { since, durableOnly }: SyncRequest,
  roomIds: ReadonlyMap<RoomNid, string>,
): ReadonlySet<RoomNid> {
  if (durableOnly || (since && !mayHaveTypingNews(ephemeral, since.ephemeral))) return new Set()
  const changed = [...roomIds].filter(([, roomId]) => hasTypingNews(ephemeral, roomId, since?.ephemeral))
  return new Set(changed.map(([roomNid]) => roomNid))
}
