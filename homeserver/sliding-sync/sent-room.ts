import type { RequiredState } from './required-state.ts'
import type { RoomNid, StateKeyNid } from '../../storage/numeric-ids.ts'
import { streamPosition, type StreamPosition } from '../../storage/position/position.ts'
import type { ConnectionChange, StoredConnection } from '../../storage/sliding-sync/connection-store.ts'

/** Up to where a client has been told: `live` is the end of the last answer; undefined is nothing. */
export type Told = 'live' | StreamPosition | undefined

/** What a connection has been sent of one room. */
export interface SentRoom {
  readonly events: Told
  readonly receipts: Told
  readonly accountData: Told
  /** Which of the connection's configs the room was last looked at with. */
  readonly config: number
  /** So many of the newest events the client has, at least. */
  readonly timelineLimit: number
  readonly isDm: boolean
  /** Members who were sent as a timeline needed them and have not changed since, the newest last. */
  readonly members: readonly StateKeyNid[]
}

/** What a connection has been sent. */
export interface ConnectionState {
  readonly rooms: ReadonlyMap<RoomNid, SentRoom>
  /** Combined required states by number. */
  readonly configs: ReadonlyMap<number, readonly RequiredState[]>
  /** Whether the client has all global account data up to the last answer. */
  readonly globalAccountData: boolean
}

export const NOTHING_SENT: ConnectionState = {
  rooms: new Map(),
  configs: new Map(),
  globalAccountData: false,
}

/** A room that has been sent nothing. */
export const UNSENT: SentRoom = {
  events: undefined,
  receipts: undefined,
  accountData: undefined,
  config: 0,
  timelineLimit: 0,
  isDm: false,
  members: [],
}

type ToldCode = number
const NEVER: ToldCode = -1
/** No room exists at the beginning of the stream, so nothing was told up to there. */
const LIVE: ToldCode = 0

/** JSON text of a room. */
function roomText(room: SentRoom): string {
  const { events, receipts, accountData, config, timelineLimit, isDm, members } = room
  const told = [events, receipts, accountData].map(codeOf)
  return JSON.stringify([...told, config, timelineLimit, isDm ? 1 : 0, ...members])
}

function codeOf(told: Told): ToldCode {
  if (told === undefined) return NEVER
  return told === 'live' ? LIVE : told
}

function toldOf(code: ToldCode): Told {
  if (code === NEVER) return undefined
  return code === LIVE ? 'live' : streamPosition(code)
}

function roomOf(text: string): SentRoom {
  const [events, receipts, accountData, config, timelineLimit, isDm, ...members] = JSON.parse(
    text,
  ) as number[]
  return {
    events: toldOf(events!),
    receipts: toldOf(receipts!),
    accountData: toldOf(accountData!),
    config: config!,
    timelineLimit: timelineLimit!,
    isDm: isDm === 1,
    members: members as StateKeyNid[],
  }
}

/** The JSON texts of what changed from one state to the next. */
export function changeOf(state: ConnectionState, changed: Iterable<RoomNid>): ConnectionChange {
  return {
    shared: JSON.stringify({ configs: [...state.configs], globalAccountData: state.globalAccountData }),
    rooms: new Map(Array.from(changed, (roomNid) => [roomNid, roomText(state.rooms.get(roomNid)!)])),
  }
}

/** Reads what `changeOf` wrote. */
export function stateOf({ shared, rooms }: StoredConnection): ConnectionState {
  const { configs, globalAccountData } = JSON.parse(shared) as {
    configs: [number, RequiredState[]][]
    globalAccountData: boolean
  }
  return {
    rooms: new Map(Array.from(rooms, ([roomNid, text]) => [roomNid, roomOf(text)])),
    configs: new Map(configs),
    globalAccountData,
  }
}
