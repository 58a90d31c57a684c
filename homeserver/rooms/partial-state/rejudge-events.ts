import { setImmediate as nextTurn } from 'node:timers/promises'
import { causesFirst } from '../../../protocol/events/causes-first.ts'
import type { StoredEvent } from '../../../storage/events/stored-event.ts'
import type { EventNid } from '../../../storage/numeric-ids.ts'
import { partialEvents } from '../../../storage/partial-joins/partial-joins.ts'
import { REJUDGED_EVENTS } from '../../../storage/partial-joins/rejudged-events.ts'
import type { StagedNodes } from '../../../storage/state-trie/node-overlay.ts'
import type { StateRoot } from '../../../storage/state-trie/state-root.ts'
import type { AppliedChanges } from '../../../storage/state-trie/state-trie.ts'
import type { TrieNode } from '../../../storage/state-trie/trie-node.ts'
import { extremityChange } from '../extremities.ts'
import type { OpenRoom } from '../open-room.ts'
import { resolveRoots } from '../resolve-roots.ts'
import type { RoomServices } from '../room-services.ts'
import { rejudge, wholeStateBefore } from './rejudge-event.ts'
import { extremitiesAnew } from './extremities-anew.ts'

/** Judging takes a fraction of a millisecond; after this many, other rooms get their turn. */
const EVENTS_PER_TURN = 20
const EVENTS_PER_READ = 500

/**
 * Judges everything that came while the room was partially joined by the whole state, and moves the room on to what
 * follows from that: roots, verdicts, extremities. The tables of the current state come after it, see `settleState`.
 * Nothing else may be under way in the room.
 *
 * @param after the whole states after events that are not here, by event id.
 * @param keep is told the roots that come to be, before anything that is stored names them.
 */
export async function rejudgeEvents(
  services: RoomServices,
  room: OpenRoom,
  after: ReadonlyMap<string, StateRoot>,
  keep: (roots: Iterable<StateRoot>) => void,
): Promise<void> {
  const { roomNid, lease } = room.head
  const before = await readPartial(services, room)
  if (before.length === 0) return
  const storedOf = new Map(before.map((stored) => [stored.event, stored]))
  const work = new Rejudging(services, room, after)
  try {
    for (const [index, event] of causesFirst([...storedOf.keys()]).entries()) {
      if (index % EVENTS_PER_TURN === EVENTS_PER_TURN - 1) await nextTurn()
      await work.judge(storedOf.get(event)!)
    }
    // What was resolved before leaned on verdicts that have changed.
    room.resolutions.clear()
    const extremities = await extremitiesAnew(services, room, work.rejudged)
    const roots = extremities.map(({ stateAfter }) => stateAfter)
    const { root, newNodes } = await resolveRoots(services, room, roots)
    work.stage(newNodes)
    keep([...work.roots, root])
    const position = await services.committer.submit(REJUDGED_EVENTS, {
      lease,
      roomNid,
      events: work.rejudged.map(({ stored, isNew }) => ({
        eventNid: stored.eventNid,
        verdict: stored.verdict,
        stateBefore: stored.stateBefore!,
        stateAfter: stored.stateAfter!,
        historyPos: stored.historyPos,
        isNew,
      })),
      stateNodes: work.nodes,
      extremities: extremityChange(room.head.extremities, extremities),
    })
    for (const { stored, isNew } of work.rejudged) {
      const streamPos = isNew ? position : stored.historyPos === undefined ? undefined : stored.streamPos
      services.events.put({ ...stored, streamPos })
    }
    work.end('committed')
    room.advance({ ...room.head, extremities, root, historyPos: work.historyPos }, undefined)
  } catch (error) {
    work.end('discarded')
    room.resolutions.clear()
    throw error
  }
}

async function readPartial(services: RoomServices, room: OpenRoom): Promise<readonly StoredEvent[]> {
  const nids = await partialEvents(services.queries, room.head.roomNid)
  const events: StoredEvent[] = []
  for (let from = 0; from < nids.length; from += EVENTS_PER_READ) {
    const page: readonly EventNid[] = nids.slice(from, from + EVENTS_PER_READ)
    events.push(...(await room.eventsByNid(page)).values())
  }
  return events
}

/** An event as it is now. */
export interface Rejudged {
  readonly stored: StoredEvent
  readonly wasAccepted: boolean
  /** Whether it is shown for the first time. */
  readonly isNew: boolean
}

/** What has been judged so far, and what is held for it. */
class Rejudging {
  readonly rejudged: Rejudged[] = []
  readonly nodes: TrieNode[] = []
  readonly roots: Set<StateRoot>
  historyPos: number
  readonly #services: RoomServices
  readonly #room: OpenRoom
  readonly #after: Map<string, StateRoot>
  readonly #staged: StagedNodes[] = []

  constructor(services: RoomServices, room: OpenRoom, after: ReadonlyMap<string, StateRoot>) {
    this.#services = services
    this.#after = new Map(after)
    this.roots = new Set(after.values())
    this.#room = room
    this.historyPos = room.head.historyPos
  }

  async judge(stored: StoredEvent): Promise<void> {
    const before = await wholeStateBefore(this.#services, this.#room, stored, this.#after)
    // Nobody could tell the state before it; what follows is judged by what is known of it.
    if (!before) return
    this.stage(before.newNodes)
    const verdict = await rejudge(this.#room, stored, before.root)
    const after = await this.#stateAfter({ ...stored, verdict }, before)
    this.stage(after.newNodes)
    const accepted = verdict === 'accepted'
    const isNew = accepted && stored.verdict !== 'accepted'
    const historyPos = accepted ? (isNew ? ++this.historyPos : stored.historyPos) : undefined
    const now = {
      ...stored,
      verdict,
      historyPos,
      stateBefore: before.root,
      stateAfter: after.root,
      partialState: false,
    }
    this.#after.set(stored.event.eventId, after.root)
    this.roots.add(before.root).add(after.root)
    // What follows is judged by the new verdict.
    this.#room.addPending(now)
    this.rejudged.push({ stored: now, wasAccepted: stored.verdict === 'accepted', isNew })
  }

  stage(nodes: readonly TrieNode[]): void {
    this.nodes.push(...nodes)
    this.#staged.push(this.#services.trie.stage(nodes))
  }

  end(how: 'committed' | 'discarded'): void {
    for (const staged of this.#staged) staged[how]()
    for (const { stored } of this.rejudged) this.#room.forgetPending(stored)
  }

  async #stateAfter(
    { typeNid, stateKeyNid, eventNid, verdict }: StoredEvent,
    before: AppliedChanges,
  ): Promise<AppliedChanges> {
    if (stateKeyNid === undefined || verdict === 'rejected') return { root: before.root, newNodes: [] }
    const change = { typeNid, stateKeyNid, eventNid }
    return this.#services.trie.apply(this.#room.head.roomNid, before.root, [change])
  }
}
