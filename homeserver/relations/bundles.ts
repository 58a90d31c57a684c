import type { Membership } from '../../protocol/auth-rules/membership.ts'
import { isJsonObject, ownValue } from '../../protocol/json/value.ts'
import type { StoredEvent } from '../../storage/events/stored-event.ts'
import type { EventNid } from '../../storage/numeric-ids.ts'
import { sightOf } from '../history/event-sight.ts'
import type { Viewer } from '../history/read-services.ts'
import { relationOf } from '../rooms/relation-of.ts'
import type { SyncServices } from '../sync/sync-services.ts'
import type { ChildSummary } from './children.ts'

/** Participants of a thread whose newest event is looked at, until there is one that the user may see. */
const MAX_LATEST = 8

/** A child as it is shown inside its parent. */
export interface BundledEvent {
  readonly stored: StoredEvent
  readonly membership: Membership
}

/** What an event tells one user of its children (client-server API, "Aggregations of child events"). */
export interface Bundle {
  readonly edit: BundledEvent | undefined
  readonly references: readonly string[]
  readonly thread:
    | {
        readonly latest: BundledEvent & { readonly bundle: Bundle | undefined }
        readonly count: number
        readonly participated: boolean
      }
    | undefined
}

const NO_BUNDLES: ReadonlyMap<EventNid, Bundle> = new Map()

/**
 * What events tell a user of their children. Nothing of ignored users, nothing that the user may not see. The number
 * of queries does not grow with the number of events, and is none where no event is known to have children.
 */
export async function loadBundles(
  services: SyncServices,
  viewer: Viewer,
  events: readonly StoredEvent[],
): Promise<ReadonlyMap<EventNid, Bundle>> {
  const bundles = await load(services, viewer, events)
  const latest = Array.from(bundles.values(), ({ thread }) => thread?.latest.stored)
  const inner = await load(
    services,
    viewer,
    latest.filter((stored) => stored !== undefined),
  )
  if (inner.size === 0) return bundles
  return new Map(
    Array.from(bundles, ([eventNid, bundle]) => {
      const { thread } = bundle
      const own = thread && inner.get(thread.latest.stored.eventNid)
      if (!own) return [eventNid, bundle]
      // A thread inside a thread is none, and two forged events could name each other as roots.
      const latest = { ...thread.latest, bundle: { ...own, thread: undefined } }
      return [eventNid, { ...bundle, thread: { ...thread, latest } }]
    }),
  )
}

async function load(
  services: SyncServices,
  viewer: Viewer,
  events: readonly StoredEvent[],
): Promise<ReadonlyMap<EventNid, Bundle>> {
  const summaries = await services.children.of(events)
  if (summaries.size === 0) return NO_BUNDLES
  const [{ rooms }, ignored] = await Promise.all([
    services.views.of(viewer.userNid),
    services.ignoredUsers.of(viewer.userNid),
  ])
  const parents = events.filter(({ eventNid }) => summaries.has(eventNid))
  const places = parents.flatMap(({ roomNid, eventNid }) =>
    candidates(summaries.get(eventNid)!, ignored).map((nid) => ({ roomNid, eventNid: nid })),
  )
  const children = await services.events.byPlaces(places)
  const sightings = await sightOf(services, services.openHistories, viewer, rooms, [...children.values()])
  const shown = (nids: readonly EventNid[]): BundledEvent[] =>
    nids.flatMap((nid) => {
      const stored = children.get(nid)
      const sighting = sightings.get(nid)
      if (!stored || !sighting?.visible || stored.redactedBy !== undefined) return []
      return [{ stored, membership: sighting.membership }]
    })
  return new Map(
    parents.flatMap((parent) => {
      const bundle = bundleOf(viewer, parent, summaries.get(parent.eventNid)!, shown, ignored)
      return bundle ? [[parent.eventNid, bundle]] : []
    }),
  )
}

function bundleOf(
  viewer: Viewer,
  parent: StoredEvent,
  { edits, references, thread }: ChildSummary,
  shown: (nids: readonly EventNid[]) => readonly BundledEvent[],
  ignored: ReadonlySet<string>,
): Bundle | undefined {
  const edit = shown(edits)
    .filter((child) => replaces(child, parent))
    .toSorted(newestFirst)[0]
  const ids = shown(references).map(({ stored }) => stored.event.eventId)
  const heard = thread.filter(({ senderId }) => !ignored.has(senderId))
  const [latest] = shown(heard.slice(0, MAX_LATEST).map(({ latestNid }) => latestNid))
  if (!edit && ids.length === 0 && !latest) return undefined
  return {
    edit,
    references: ids,
    thread: latest && {
      latest: { ...latest, bundle: undefined },
      count: heard.reduce((sum, share) => sum + share.events, 0),
      participated:
        parent.senderNid === viewer.userNid || heard.some(({ senderNid }) => senderNid === viewer.userNid),
    },
  }
}

function candidates(
  { edits, references, thread }: ChildSummary,
  ignored: ReadonlySet<string>,
): readonly EventNid[] {
  const heard = thread.filter(({ senderId }) => !ignored.has(senderId)).slice(0, MAX_LATEST)
  return [...edits, ...references, ...heard.map(({ latestNid }) => latestNid)]
}

/** Client-server API, "Validity of replacement events"; sender and type are the same by the query. */
function replaces({ stored }: BundledEvent, parent: StoredEvent): boolean {
  if (parent.redactedBy !== undefined || relationOf(parent.event)?.relType === 'm.replace') return false
  return (
    stored.event.type === 'm.room.encrypted' || isJsonObject(ownValue(stored.event.content, 'm.new_content'))
  )
}

function newestFirst(a: BundledEvent, b: BundledEvent): number {
  const [one, other] = [a.stored.event, b.stored.event]
  return other.originServerTs - one.originServerTs || (one.eventId < other.eventId ? 1 : -1)
}
