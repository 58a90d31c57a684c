import type { JsonObject } from '../../../protocol/json/value.ts'
import type { Actor } from '../../rooms/actions/actor.ts'
import type { SummaryServices } from '../summaries/load-summaries.ts'
import { loadMemberships, mayUserSee, type Memberships } from '../summaries/room-access.ts'
import { SPACE, type RoomSummary } from '../summaries/room-summary.ts'
import { roomSummaryJson } from '../summaries/summary-json.ts'
import { loadSpaces, type LocalSpace } from './load-spaces.ts'
import type { RemoteLookups } from './remote-lookups.ts'
import type { SpaceChild } from './space-child.ts'
import type { WaitingRoom, WalkState } from './walk-state.ts'

/** Rooms that are loaded together, before their turn comes. */
const LOOK_AHEAD = 50
/** Rooms that one walk looks at; beyond that it ends. */
export const MAX_VISITED = 5_000

/** How a walk goes. */
export interface WalkRules {
  readonly suggestedOnly: boolean
  readonly maxDepth: number
}

/** A room on the way, as the user may see it. */
interface SeenRoom {
  readonly summary: RoomSummary
  readonly children: readonly SpaceChild[]
  readonly told: ReadonlyMap<string, RoomSummary>
  readonly inaccessible: ReadonlySet<string>
}

const NOTHING_TOLD: Pick<SeenRoom, 'told' | 'inaccessible'> = { told: new Map(), inaccessible: new Set() }

/** Goes through a space as one user sees it, depth first (client-server API, `GET /rooms/{roomId}/hierarchy`). */
export class SpaceWalk {
  readonly #services: SummaryServices
  readonly #remote: RemoteLookups | undefined
  readonly #user: Actor
  readonly #rules: WalkRules
  readonly #state: WalkState
  readonly #loaded = new Map<string, LocalSpace | undefined>()
  #memberships: Memberships = new Map()

  /** @param state is moved on by the walk. */
  constructor(
    services: SummaryServices,
    remote: RemoteLookups | undefined,
    user: Actor,
    rules: WalkRules,
    state: WalkState,
  ) {
    this.#services = services
    this.#remote = remote
    this.#user = user
    this.#rules = rules
    this.#state = state
  }

  /** The next rooms, `limit` at most; fewer only at the end of the walk. */
  async next(limit: number): Promise<JsonObject[]> {
    const rooms: JsonObject[] = []
    while (rooms.length < limit) {
      const room = await this.#step()
      if (room === 'end') break
      if (room) rooms.push(room)
    }
    return rooms
  }

  get ended(): boolean {
    const { waiting, visited } = this.#state
    return visited.size >= MAX_VISITED || waiting.every(({ roomId }) => visited.has(roomId))
  }

  async #step(): Promise<JsonObject | undefined | 'end'> {
    const { waiting, visited } = this.#state
    const entry = waiting.pop()
    if (!entry || visited.size >= MAX_VISITED) return 'end'
    if (visited.has(entry.roomId)) return undefined
    visited.add(entry.roomId)
    const room = await this.#look(entry)
    if (!room) return undefined
    const { suggestedOnly, maxDepth } = this.#rules
    const children = room.children.filter(({ suggested }) => suggested || !suggestedOnly)
    if (entry.depth < maxDepth) {
      const next = children.filter(({ roomId }) => !visited.has(roomId) && !room.inaccessible.has(roomId))
      for (const { roomId, via } of next.toReversed()) {
        waiting.push({ roomId, via, depth: entry.depth + 1, told: room.told.get(roomId) })
      }
    }
    return { ...roomSummaryJson(room.summary), children_state: children.map(({ stripped }) => stripped) }
  }

  async #look(entry: WaitingRoom): Promise<SeenRoom | undefined> {
    if (!this.#loaded.has(entry.roomId)) await this.#load(entry)
    const local = this.#loaded.get(entry.roomId)
    if (local) {
      const { summary, children } = local
      return mayUserSee(summary, this.#memberships) ? { summary, children, ...NOTHING_TOLD } : undefined
    }
    const room = await this.#lookElsewhere(entry)
    if (!room) return undefined
    const memberships = await loadMemberships(this.#services, this.#user, [room.summary])
    return mayUserSee(room.summary, memberships) ? room : undefined
  }

  async #lookElsewhere(entry: WaitingRoom): Promise<SeenRoom | undefined> {
    if (!isToBeAsked(entry)) return entry.told && { summary: entry.told, children: [], ...NOTHING_TOLD }
    const space = await this.#remote?.find(entry)
    if (!space) return entry.told && { summary: entry.told, children: [], ...NOTHING_TOLD }
    const { summary, children, childSummaries, inaccessible } = space
    return { summary, children, told: childSummaries, inaccessible }
  }

  /** Loads a room and those that wait behind it; those that are elsewhere are asked for all at once. */
  async #load(entry: WaitingRoom): Promise<void> {
    const { waiting, visited } = this.#state
    const ahead = [entry]
    for (let index = waiting.length - 1; index >= 0 && ahead.length < LOOK_AHEAD; index--) {
      const room = waiting[index]!
      if (!visited.has(room.roomId) && !this.#loaded.has(room.roomId)) ahead.push(room)
    }
    const spaces = await loadSpaces(
      this.#services,
      ahead.map(({ roomId }) => roomId),
    )
    for (const room of ahead) {
      this.#loaded.set(room.roomId, spaces.get(room.roomId))
      // Who fails is heard of when the room's turn comes.
      if (!spaces.has(room.roomId) && isToBeAsked(room)) this.#remote?.find(room).catch(() => undefined)
    }
    const summaries = Array.from(spaces.values(), ({ summary }) => summary)
    const memberships = await loadMemberships(this.#services, this.#user, summaries)
    this.#memberships = new Map([...this.#memberships, ...memberships])
  }
}

/** Of a room that is no space, its parent's server has told all that there is. */
function isToBeAsked({ told }: WaitingRoom): boolean {
  return told === undefined || told.roomType === SPACE
}
