import { allAccountData, type AccountDataEntry } from '../../storage/accounts/account-data-reader.ts'
import { NO_ROOM } from '../../storage/accounts/account-data-write.ts'
import type { RoomNid } from '../../storage/numeric-ids.ts'
import type { StreamPosition } from '../../storage/position/position.ts'
import { PUSH_RULES_TYPE, pushRulesForClient } from '../accounts/push-rules.ts'
import type { ChangeSource } from './change-source.ts'
import { typeMatcher } from './match-event.ts'
import type { SyncRequest } from './sync-request.ts'
import type { ByRoom, SyncServices } from './sync-services.ts'

/** Account data of an answer. */
export interface AccountData {
  /** Entries that have changed since the last answer; all of them in an initial sync. */
  readonly entries: readonly AccountDataEntry[]
  /** The rooms that any of them belong to. */
  readonly rooms: ReadonlySet<RoomNid>
}

/** What changed in the user's account data, whatever the filter. */
export async function loadAccountData(
  { queries }: SyncServices,
  source: ChangeSource,
  { viewer, since }: SyncRequest,
  upTo: StreamPosition,
): Promise<AccountData> {
  const entries = since
    ? await source.accountData(viewer.userNid, since.position, upTo)
    : await allAccountData(queries, viewer.userNid, upTo)
  return { entries, rooms: new Set(entries.map(({ roomNid }) => roomNid).filter((nid) => nid !== NO_ROOM)) }
}

/** The global entries that the filter lets through, as JSON texts of events. */
export function globalAccountData(
  { audience }: Pick<SyncServices, 'audience'>,
  { entries }: AccountData,
  { viewer, since, filter }: SyncRequest,
): string[] {
  const wants = typeMatcher(filter.accountData)
  const global = entries.filter(({ roomNid, type }) => roomNid === NO_ROOM && wants(type))
  const pushRules = (content: string | undefined): string =>
    eventOf(PUSH_RULES_TYPE, pushRulesForClient(viewer.userId, content, audience.followsThreads))
  const events = global.map(({ type, content }) =>
    type === PUSH_RULES_TYPE ? pushRules(content ?? undefined) : eventOf(type, content),
  )
  // Every user has push rules, also one who never changed any.
  const unchanged = since === undefined && !entries.some(isPushRules) && wants(PUSH_RULES_TYPE)
  return unchanged ? [...events, pushRules(undefined)] : events
}

/** The entries of rooms that the filter lets through, as JSON texts of events. */
export function roomAccountData(
  { entries }: AccountData,
  { filter }: SyncRequest,
): ByRoom<readonly string[]> {
  const wants = typeMatcher(filter.room.accountData)
  const byRoom = new Map<RoomNid, string[]>()
  for (const { roomNid, type, content } of entries) {
    if (roomNid === NO_ROOM || !wants(type)) continue
    byRoom.set(roomNid, [...(byRoom.get(roomNid) ?? []), eventOf(type, content)])
  }
  return byRoom
}

function isPushRules({ roomNid, type }: AccountDataEntry): boolean {
  return roomNid === NO_ROOM && type === PUSH_RULES_TYPE
}

/** A deleted entry is told as an empty one. */
function eventOf(type: string, content: string | null): string {
  return `{"type":${JSON.stringify(type)},"content":${content ?? '{}'}}`
}
