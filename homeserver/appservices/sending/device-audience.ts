import { roomsOfUsers } from '../../../storage/appservices/device-news.ts'
import { usersJoinedTo } from '../../../storage/e2ee/device-list-reader.ts'
import type { RoomNid, UserNid } from '../../../storage/numeric-ids.ts'
import { membershipIn } from '../../rooms/membership-in.ts'
import type { AppService } from '../registration/app-service.ts'
import type { SenderParts } from './sender-parts.ts'
import type { ServiceItem } from './service-item.ts'

/** Who has come to share rooms with a service's users, or may have ceased to. */
export interface Moves {
  readonly met: readonly UserNid[]
  readonly parted: readonly UserNid[]
}

/** What the member events among some things mean for whose devices a service has to know. */
export async function movesIn(
  { services }: SenderParts,
  appService: AppService,
  items: readonly ServiceItem[],
): Promise<Moves> {
  const places = items.filter((item) => item.kind === 'event')
  const stored = await services.events.byPlaces(places)
  const joined = new Set<string>()
  const departed = new Set<string>()
  for (const { event } of stored.values()) {
    if (event.type !== 'm.room.member' || event.stateKey === undefined) continue
    if (appService.namespaces.hasUser(event.stateKey)) continue
    const membership = membershipIn(event)
    if (membership === 'join') joined.add(event.stateKey)
    else if (membership === 'leave' || membership === 'ban') departed.add(event.stateKey)
  }
  // Whoever is in a room that the service has just come to is met at once.
  const entered = places.filter((place) => place.entered).map(({ roomNid }) => roomNid)
  const nids = await services.interner.findUserNids(new Set([...joined, ...departed]))
  const nidsOf = (userIds: ReadonlySet<string>): UserNid[] =>
    [...userIds].flatMap((userId) => nids.get(userId) ?? [])
  return {
    met: [...nidsOf(joined), ...(await usersJoinedTo(services.queries, entered))],
    parted: nidsOf(departed),
  }
}

/**
 * Whose device lists a service has to look at again, and whose it need not any more, by the memberships of now.
 *
 * @param withChanges users whose devices have changed.
 * @returns user ids.
 */
export async function audienceOf(
  { services, interestIn }: SenderParts,
  appService: AppService,
  withChanges: readonly UserNid[],
  { met, parted }: Moves,
): Promise<{ changed: string[]; left: string[] }> {
  const asked = [...new Set([...withChanges, ...parted])]
  if (asked.length + met.length === 0) return { changed: [], left: [] }
  const stays = await roomsOfUsers(services.queries, asked)
  const interest = await interestIn([...new Set<RoomNid>(stays.map(({ roomNid }) => roomNid))])
  const sharing = new Set(
    stays.filter(({ roomNid }) => interest.get(roomNid)?.has(appService)).map(({ userNid }) => userNid),
  )
  const userIds = await services.interner.userIds([...new Set([...asked, ...met])])
  const isOwn = (userNid: UserNid): boolean => appService.namespaces.hasUser(userIds.get(userNid) ?? '')
  const idsOf = (nids: Iterable<UserNid>): string[] => [...nids].flatMap((nid) => userIds.get(nid) ?? [])
  const changed = new Set([...met, ...withChanges.filter((nid) => sharing.has(nid) || isOwn(nid))])
  const left = new Set(parted.filter((nid) => !sharing.has(nid) && !changed.has(nid)))
  return { changed: idsOf(changed), left: idsOf(left) }
}
