import { canonicalJson } from '../../protocol/json/canonical.ts'
import type { JudgedEvent } from '../../protocol/events/room-event.ts'
import { serverOf } from '../../protocol/identifiers/user-id.ts'
import type { ClientTransaction, EventRow, EventWrite } from '../../storage/events/event-write.ts'
import { storedFromRow, type StoredEvent } from '../../storage/events/stored-event.ts'
import type { StateRoot } from '../../storage/state-trie/state-root.ts'
import type { AppliedChanges } from '../../storage/state-trie/state-trie.ts'
import type { StagedNodes } from '../../storage/state-trie/node-overlay.ts'
import { authHeight } from './auth-height.ts'
import { stateChangesBetween, type StateChanges } from './current-state-changes.ts'
import { eventsBehind } from './events-behind.ts'
import { extremityChange, nextExtremities } from './extremities.ts'
import { placeAboveGap } from './history-gap.ts'
import { internEvent, type EventNumbers } from './intern-event.ts'
import type { OpenRoom } from './open-room.ts'
import { followsPartialState } from './partial-state/follows-partial-state.ts'
import { ownReadPositions, planReach } from './plan-reach.ts'
import { redactionEffects } from './redactions.ts'
import { resolveRoots, type ResolvedState } from './resolve-roots.ts'
import { relationOf } from './relation-of.ts'
import type { Extremity, RoomHead } from './room-head.ts'
import type { RoomServices } from './room-services.ts'

/** A write ready for the committer, and the room as it will be after it. */
export interface PlannedWrite {
  readonly write: EventWrite
  readonly stored: StoredEvent
  readonly head: RoomHead
  readonly changed: StateChanges['changed']
  /** Events without a place here that it follows. */
  readonly followed: readonly string[]
  /** The new nodes, readable until the commit is known; its owner releases them. */
  readonly staged: StagedNodes
}

export interface PlanOptions {
  readonly transaction?: ClientTransaction | undefined
  readonly delayId?: string | undefined
  /** Rows that must be there with the event: auth chain and state of a room that is joined. */
  readonly outliers?: readonly EventRow[]
  /** Causes of the event that are not here and will not be waited for. */
  readonly missing?: readonly string[]
  /** A first event seen of a room's stretch leaves a gap below it, where backfilled history finds its place. */
  readonly aboveGap?: boolean
  /** Extremities of a former stay in the room, which the event does not follow and yet replaces. */
  readonly formerExtremities?: readonly Extremity[]
  /** Whether the state before it lacks members; unless given, as the events before it have it. */
  readonly partialState?: boolean | undefined
  /** Of a join through another server: what is known of the room now. */
  readonly joining?: EventWrite['joining']
  /** The outlier that this event turns out to be. */
  readonly outlier?: Pick<StoredEvent, 'eventNid' | 'redactedBy'> | undefined
}

/**
 * Works out everything that one judged event changes. Reads the room's newest head and leaves it as it is.
 *
 * @param stateBefore the resolved state before the event, with nodes that are not stored yet.
 */
export async function planWrite(
  services: RoomServices,
  room: OpenRoom,
  event: JudgedEvent,
  stateBefore: ResolvedState,
  options: PlanOptions = {},
): Promise<PlannedWrite> {
  const { head } = room
  const accepted = event.verdict === 'accepted'
  const nids = await internEvent(services, event, options.outlier?.eventNid)
  let provisional: StoredEvent | undefined
  const staged: StagedNodes[] = [services.trie.stage(stateBefore.newNodes)]
  try {
    const after = await stateAfter(services, room, event, nids, stateBefore)
    staged.push(services.trie.stage(after.newNodes))
    const partialState = options.partialState ?? (await followsPartialState(room, event))
    const authEvents = await room.events(event.authEvents)
    const height = authHeight(event.authEvents, (eventId) => authEvents.get(eventId)?.authHeight)
    const unplaced = {
      ...rowOf(services, event, nids, stateBefore.root, after.root),
      authHeight: height,
      partialState,
    }
    provisional = storedFromRow(unplaced, head.roomNid)
    // The resolution below may have to choose this very event.
    room.addPending(provisional)
    // One that comes late has followers here, which stand for it and for what is behind it.
    const isFollowed = room.followed.has(event.eventId)
    const behind = accepted || isFollowed ? await eventsBehind(room, event) : undefined
    const extremity = {
      eventId: event.eventId,
      eventNid: nids.eventNid,
      depth: event.depth,
      stateAfter: after.root,
    }
    const extremities = behind
      ? nextExtremities(head, behind.ids, isFollowed ? undefined : extremity)
      : head.extremities
    const current: ResolvedState = behind
      ? await resolveRoots(
          services,
          room,
          extremities.map(({ stateAfter }) => stateAfter),
        )
      : { root: head.root, newNodes: [] }
    staged.push(services.trie.stage(current.newNodes))

    const redaction = accepted
      ? await redactionEffects(room, event, nids.eventNid, stateBefore.root)
      : undefined
    const visible = accepted && !redaction?.hidden
    const nextPlace = options.aboveGap ? placeAboveGap(head.historyPos) : head.historyPos + 1
    const historyPos = visible ? nextPlace : undefined
    const redactedAlready = redaction?.redactions.some(({ target }) => target === nids.eventNid) ?? false
    const notice = visible
      ? await planReach(services, room, event, stateBefore.root, redactedAlready)
      : undefined
    const unreadOrdinal = head.unreadOrdinal + (notice?.countsInMain ? 1 : 0)
    const { outlier, delayId } = options
    const redactedBy = outlier?.redactedBy
    const row: EventRow = { ...unplaced, historyPos, unreadOrdinal, redactedBy, delayId }
    const stored = storedFromRow(row, head.roomNid)
    const state = await stateChangesBetween(services, room, head.root, current.root)
    return {
      stored,
      changed: state.changed,
      followed: behind?.unplaced ?? [],
      staged: combined(staged),
      head: {
        ...head,
        extremities,
        root: current.root,
        historyPos: historyPos ?? head.historyPos,
        unreadOrdinal,
      },
      write: {
        lease: head.lease,
        roomNid: head.roomNid,
        row,
        live: visible,
        outliers: options.outliers ?? [],
        stateNodes: [...stateBefore.newNodes, ...after.newNodes, ...current.newNodes],
        resolutions: [stateBefore.resolution, current.resolution].filter((found) => found !== undefined),
        extremities: extremityChange(options.formerExtremities ?? head.extremities, extremities),
        missing: { added: options.missing ?? [], filled: serverOf(event.sender) !== services.serverName },
        stateChanges: state.changes,
        memberships: state.memberships,
        readPositions: ownReadPositions(nids.senderNid, notice, historyPos, unreadOrdinal),
        transaction: options.transaction,
        redactions: redaction?.redactions ?? [],
        pendingRedaction: redaction?.pending,
        relation: relationOf(event),
        reach: notice?.reach,
        joining: options.joining,
      },
    }
  } catch (error) {
    if (provisional) room.forgetPending(provisional)
    combined(staged).discarded()
    throw error
  }
}

/** The event's row before its place in the history is known. */
function rowOf(
  services: RoomServices,
  event: JudgedEvent,
  nids: EventNumbers,
  stateBefore: StateRoot,
  stateAfter: StateRoot,
): EventRow {
  return {
    event,
    pdu: Buffer.from(canonicalJson(event.pdu, { strict: event.version.strictCanonicalJson }), 'utf8'),
    ...nids,
    verdict: event.verdict,
    outlier: false,
    authHeight: undefined,
    historyPos: undefined,
    unreadOrdinal: 0,
    stateBefore,
    stateAfter,
    partialState: false,
    receivedTs: services.now(),
  }
}

async function stateAfter(
  { trie }: RoomServices,
  room: OpenRoom,
  event: JudgedEvent,
  { typeNid, stateKeyNid, eventNid }: EventNumbers,
  before: AppliedChanges,
): Promise<AppliedChanges> {
  if (stateKeyNid === undefined || event.verdict === 'rejected') return { root: before.root, newNodes: [] }
  return trie.apply(room.head.roomNid, before.root, [{ typeNid, stateKeyNid, eventNid }])
}

function combined(staged: readonly StagedNodes[]): StagedNodes {
  return {
    committed: () => staged.forEach((nodes) => nodes.committed()),
    discarded: () => staged.forEach((nodes) => nodes.discarded()),
  }
}
