import { canonicalJson } from '../../protocol/json/canonical.ts'
import type { JudgedEvent } from '../../protocol/events/room-event.ts'
import type { EventRow, EventWrite } from '../../storage/events/event-write.ts'
import { storedFromRow, type StoredEvent } from '../../storage/events/stored-event.ts'
import type { StagedNodes } from '../../storage/state-trie/node-overlay.ts'
import type { AppliedChanges } from '../../storage/state-trie/state-trie.ts'
import { authHeight } from './auth-height.ts'
import { internEvent, type EventNumbers } from './intern-event.ts'
import type { OpenRoom } from './open-room.ts'
import { redactionEffects } from './redactions.ts'
import type { ResolvedState } from './resolve-roots.ts'
import { relationOf } from './relation-of.ts'
import type { RoomServices } from './room-services.ts'

/** A judged event of the past with the state before it. */
export interface HistoryJudgement {
  readonly event: JudgedEvent
  readonly stateBefore: ResolvedState
}

/** Where an event of the past stands. */
export interface HistoryPlace {
  readonly historyPos: number
  readonly unreadOrdinal: number
}

/** A write of history ready for the committer. */
export interface PlannedHistory {
  readonly write: EventWrite
  readonly stored: StoredEvent
  /** The new nodes, readable until the commit is known; its owner releases them. */
  readonly staged: StagedNodes
}

/** Works out what storing an event of the past changes: its own row, and which causes are still missing. */
export async function planHistory(
  services: RoomServices,
  room: OpenRoom,
  { event, stateBefore }: HistoryJudgement,
  place: HistoryPlace,
): Promise<PlannedHistory> {
  const { head } = room
  const here = await room.events([event.eventId, ...event.prevEvents, ...event.authEvents])
  const nids = await internEvent(services, event, here.get(event.eventId)?.eventNid)
  const nodes = await withStateAfter(services, room, event, nids, stateBefore)
  const staged = services.trie.stage(nodes.newNodes)
  try {
    const accepted = event.verdict === 'accepted'
    const redaction = accepted
      ? await redactionEffects(room, event, nids.eventNid, stateBefore.root)
      : undefined
    const row: EventRow = {
      event,
      pdu: Buffer.from(canonicalJson(event.pdu, { strict: event.version.strictCanonicalJson }), 'utf8'),
      ...nids,
      verdict: event.verdict,
      outlier: false,
      authHeight: authHeight(event.authEvents, (eventId) => here.get(eventId)?.authHeight),
      historyPos: accepted && !redaction?.hidden ? place.historyPos : undefined,
      unreadOrdinal: place.unreadOrdinal,
      stateBefore: stateBefore.root,
      stateAfter: nodes.root,
      partialState: false,
      receivedTs: services.now(),
    }
    const write: EventWrite = {
      lease: head.lease,
      roomNid: head.roomNid,
      row,
      live: false,
      outliers: [],
      stateNodes: nodes.newNodes,
      resolutions: stateBefore.resolution ? [stateBefore.resolution] : [],
      extremities: { added: [], removed: [] },
      missing: { added: event.prevEvents.filter((id) => here.get(id)?.outlier !== false), filled: true },
      stateChanges: [],
      memberships: [],
      readPositions: [],
      transaction: undefined,
      redactions: redaction?.redactions ?? [],
      pendingRedaction: redaction?.pending,
      relation: relationOf(event),
      reach: undefined,
    }
    return { write, stored: storedFromRow(row, head.roomNid), staged }
  } catch (error) {
    staged.discarded()
    throw error
  }
}

/** The state after the event, with all nodes that are new since what is stored. */
async function withStateAfter(
  { trie }: RoomServices,
  room: OpenRoom,
  event: JudgedEvent,
  { typeNid, stateKeyNid, eventNid }: EventNumbers,
  before: AppliedChanges,
): Promise<AppliedChanges> {
  if (stateKeyNid === undefined || event.verdict === 'rejected') return before
  const staged = trie.stage(before.newNodes)
  try {
    const after = await trie.apply(room.head.roomNid, before.root, [{ typeNid, stateKeyNid, eventNid }])
    return { root: after.root, newNodes: [...before.newNodes, ...after.newNodes] }
  } finally {
    staged.discarded()
  }
}
