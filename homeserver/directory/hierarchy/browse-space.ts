import { randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import type { JsonObject } from '../../../protocol/json/value.ts'
import type { UserNid } from '../../../storage/numeric-ids.ts'
import { isServerJoined } from '../../../storage/rooms/membership-reader.ts'
import type { Actor } from '../../rooms/actions/actor.ts'
import { knownServers } from '../../rooms/actions/servers-to-ask.ts'
import type { Directory } from '../directory.ts'
import { summaryLength } from '../summaries/summary-length.ts'
import { hierarchyToken, parseHierarchyToken } from './hierarchy-token.ts'
import { RemoteLookups } from './remote-lookups.ts'
import { copyWalk, walkFrom, type WaitingRoom, type WalkState } from './walk-state.ts'
import { MAX_VISITED, SpaceWalk, type WalkRules } from './walk.ts'

/** Rooms of one page; more are another page. */
const MAX_PAGE = 50
/** Deeper than people nest, and what a walk does whose client names no depth. */
const MAX_DEPTH = 50
/** A person reads a page before they ask for the next; afterwards the walk is done again. */
const KEPT_MS = 10 * 60_000
/** Rooms in all walks together, each of so many bytes and what another server tells of it. */
const MAX_KEPT_ROOMS = 200_000
const ROOM_BYTES = 200
const WALK_ID_BYTES = 12

/** A walk between two pages. */
interface KeptWalk extends WalkRules {
  readonly userNid: UserNid
  readonly roomId: string
  readonly shown: number
  readonly state: WalkState
}

/** Walks that wait for their next page. */
export type KeptWalks = LRUCache<string, KeptWalk>

export function createKeptWalks(): KeptWalks {
  return new LRUCache({
    ttl: KEPT_MS,
    maxSize: MAX_KEPT_ROOMS,
    sizeCalculation: ({ state }) => 1 + state.visited.size + sum(state.waiting.map(sizeOf)),
  })
}

function sizeOf({ told }: WaitingRoom): number {
  return 1 + (told ? Math.ceil(summaryLength(told) / ROOM_BYTES) : 0)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

/** Which page of a space is wanted; what is undefined is as on the page before, or as the specification has it. */
export interface SpaceQuestion {
  readonly roomId: string
  readonly suggestedOnly: boolean | undefined
  readonly maxDepth: number | undefined
  readonly limit: number | undefined
  readonly from: string | undefined
}

export interface SpacePage {
  readonly rooms: readonly JsonObject[]
  readonly nextBatch: string | undefined
}

/**
 * A page of a space as a user sees it (client-server API, `GET /rooms/{roomId}/hierarchy`). A token whose walk is
 * forgotten still holds: the walk is done again up to that place.
 *
 * @throws MatrixError 403 M_FORBIDDEN for a room that the user may not see; 400 M_INVALID_PARAM for a token that is
 *   none, or one of another walk.
 */
export async function browseSpace(
  directory: Directory,
  user: Actor,
  question: SpaceQuestion,
): Promise<SpacePage> {
  const { roomId } = question
  const token = question.from === undefined ? undefined : parseHierarchyToken(question.from)
  const rules: WalkRules = token ?? {
    suggestedOnly: question.suggestedOnly ?? false,
    maxDepth: Math.min(question.maxDepth ?? MAX_DEPTH, MAX_DEPTH),
  }
  if (token) refuseChanges(question, token)
  const kept = token && directory.walks.get(token.walk)
  const goesOn = kept && token && isSameWalk(kept, { ...token, userNid: user.userNid, roomId })
  const state = goesOn ? copyWalk(kept.state) : walkFrom(roomId, await serversElsewhere(directory, roomId))
  const walk = openWalk(directory, user, rules, state)
  if (token && !goesOn) await walk.next(Math.min(token.shown, MAX_VISITED))
  const rooms = await walk.next(Math.min(question.limit ?? MAX_PAGE, MAX_PAGE))
  if (!token && rooms[0]?.['room_id'] !== roomId) {
    throw new MatrixError(403, 'M_FORBIDDEN', 'You may not see this room')
  }
  if (walk.ended) return { rooms, nextBatch: undefined }
  const shown = (token?.shown ?? 0) + rooms.length
  const id = randomBytes(WALK_ID_BYTES).toString('base64url')
  directory.walks.set(id, { ...rules, userNid: user.userNid, roomId, shown, state })
  return { rooms, nextBatch: hierarchyToken({ ...rules, walk: id, shown }) }
}

/** Whom to ask about the space where the walk begins; nobody, where this server is in it. */
async function serversElsewhere({ actions }: Directory, roomId: string): Promise<string[]> {
  const { interner, queries, serverName } = actions.services
  const roomNid = await interner.findRoomNid(roomId)
  const serverNid = await interner.findServerNid(serverName)
  const resident = roomNid && serverNid && (await isServerJoined(queries, roomNid, serverNid))
  return resident ? [] : knownServers(actions, roomId)
}

function openWalk(
  { actions, remote, remoteSpaces }: Directory,
  user: Actor,
  rules: WalkRules,
  state: WalkState,
): SpaceWalk {
  const lookups = remote && new RemoteLookups(remote, remoteSpaces, rules.suggestedOnly)
  return new SpaceWalk(actions.services, lookups, user, rules, state)
}

function refuseChanges({ suggestedOnly, maxDepth }: SpaceQuestion, rules: WalkRules): void {
  const sameSuggested = suggestedOnly === undefined || suggestedOnly === rules.suggestedOnly
  const sameDepth = maxDepth === undefined || Math.min(maxDepth, MAX_DEPTH) === rules.maxDepth
  if (sameSuggested && sameDepth) return
  const sentence = '`suggested_only` and `max_depth` stay the same from page to page'
  throw new MatrixError(400, 'M_INVALID_PARAM', sentence)
}

function isSameWalk(a: Omit<KeptWalk, 'state'>, b: Omit<KeptWalk, 'state'>): boolean {
  return (
    a.userNid === b.userNid &&
    a.roomId === b.roomId &&
    a.shown === b.shown &&
    a.suggestedOnly === b.suggestedOnly &&
    a.maxDepth === b.maxDepth
  )
}
