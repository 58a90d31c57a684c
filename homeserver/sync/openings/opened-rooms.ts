import type { StoredEvent } from '../../../storage/events/stored-event.ts'
import type { EventNid, RoomNid, StateKeyNid } from '../../../storage/numeric-ids.ts'
import type { AgedPresenter } from '../../history/event-presenter.ts'
import type { Viewer } from '../../history/read-services.ts'
import { listed, type RoomBody, type TextPiece } from '../answer-text.ts'
import { MAX_MEMBERS_OF_DEVICE, type SentMember } from '../sent-members.ts'
import type { RoomPlan } from '../skeleton.ts'
import type { SyncRequest } from '../sync-request.ts'
import type { ByRoom, SyncServices } from '../sync-services.ts'
import { prevBatchOf } from '../timelines.ts'
import { fits, type Opening } from './opening.ts'
import { openingFormOf } from './opening-form.ts'

/** The rooms of an answer whose text is shared, and what of it is this user's own. */
export interface OpenedRooms {
  readonly openings: ByRoom<Opening>
  /** Events of timelines that are told in a way of their own: the user's, and those with children. */
  readonly own: ReadonlyMap<EventNid, StoredEvent>
  /** The user's own membership where it is not among those that are shared. */
  readonly memberships: ByRoom<StoredEvent>
}

const NONE: OpenedRooms = { openings: new Map(), own: new Map(), memberships: new Map() }

/** Finds which rooms of an answer can share their text with other answers; the rest is built for it alone. */
export async function openRooms(
  services: SyncServices,
  request: SyncRequest,
  plans: readonly RoomPlan[],
): Promise<OpenedRooms> {
  const form = openingFormOf(request)
  if (form === undefined) return NONE
  const { viewer } = request
  const begun = plans.filter(
    ({ section, whole, after }) => section === 'join' && whole && after === undefined,
  )
  const [loaded, ignored] = await Promise.all([
    services.openings.of(
      request,
      form,
      begun.map(({ roomNid }) => roomNid),
    ),
    services.ignoredUsers.of(viewer.userNid),
  ])
  const openings = new Map<RoomNid, Opening>()
  for (const { roomNid, room, upTo } of begun) {
    const opening = loaded.get(roomNid)
    if (opening && fits(opening, room, upTo, ignored)) openings.set(roomNid, opening)
  }
  const [own, memberships] = await Promise.all([
    ownEvents(services, viewer, openings),
    ownMemberships(services, viewer, openings),
  ])
  services.sentMembers.add(viewer, sentMembers(openings, memberships))
  return { openings, own, memberships }
}

function ownEvents(
  { events }: SyncServices,
  { userNid }: Viewer,
  openings: ByRoom<Opening>,
): Promise<ReadonlyMap<EventNid, StoredEvent>> {
  const places = Array.from(openings.values(), ({ roomNid, eventNids, senderNids, personal }) =>
    eventNids
      .filter((eventNid, index) => senderNids[index] === userNid || personal.has(eventNid))
      .map((eventNid) => ({ roomNid, eventNid })),
  )
  return events.byPlaces(places.flat())
}

/** Who has written in the timeline stands in the shared state already, as of the timeline's start. */
async function ownMemberships(
  { interner, members, events }: SyncServices,
  { userId, userNid }: Viewer,
  openings: ByRoom<Opening>,
): Promise<ByRoom<StoredEvent>> {
  const stateKeyNid: StateKeyNid = await interner.stateKeyNid(userId)
  const places = Array.from(openings.values())
    .filter(({ memberKeys, senderNids }) => !memberKeys.has(stateKeyNid) && !senderNids.includes(userNid))
    .map(({ roomNid }) => ({ roomNid, stateKeyNid }))
  const eventNids = await members.at(places)
  const found = await events.byPlaces(
    places.flatMap(({ roomNid }, index) => {
      const eventNid = eventNids[index]
      return eventNid === undefined ? [] : [{ roomNid, eventNid }]
    }),
  )
  return new Map(Array.from(found.values(), (stored) => [stored.roomNid, stored]))
}

/** Whom the device is sent, as many as are remembered of it. */
function sentMembers(openings: ByRoom<Opening>, memberships: ByRoom<StoredEvent>): SentMember[] {
  const sent: SentMember[] = []
  for (const { members } of openings.values()) {
    if (sent.length >= MAX_MEMBERS_OF_DEVICE) break
    sent.push(...members)
  }
  for (const { roomNid, eventNid, stateKeyNid } of memberships.values()) {
    if (stateKeyNid !== undefined) sent.push({ roomNid, eventNid, stateKeyNid })
  }
  return sent
}

/** What an answer says of a room that is shared. @param now milliseconds. */
export function openedBody(
  { openings, own, memberships }: OpenedRooms,
  { roomNid, upTo }: RoomPlan,
  presenter: AgedPresenter,
  now: number,
): RoomBody {
  const { timeline, eventNids, state, limited, oldest } = openings.get(roomNid)!
  const pieces: TextPiece[] = []
  let from = 0
  for (const [index, eventNid] of eventNids.entries()) {
    const stored = own.get(eventNid)
    if (!stored) continue
    if (from < index) pieces.push(timeline.slice(from, index, now))
    pieces.push(`,${presenter.present(stored, 'sync', 'join')}`)
    from = index + 1
  }
  if (from < timeline.count) pieces.push(timeline.slice(from, timeline.count, now))
  const membership = memberships.get(roomNid)
  const members = membership ? [`,${presenter.present(membership, 'sync')}`] : []
  return {
    timeline: listed(pieces),
    limited,
    prevBatch: prevBatchOf(oldest, upTo),
    state: listed([...(state.count > 0 ? [state.slice(0, state.count, now)] : []), ...members]),
  }
}
