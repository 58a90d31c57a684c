import { isRoomId } from '../../../protocol/identifiers/room-id.ts'
import { isServerName } from '../../../protocol/identifiers/server-name.ts'
import { compareCodePoints } from '../../../protocol/json/code-point-order.ts'
import { ownValue, type JsonObject } from '../../../protocol/json/value.ts'

/** The type of the events by which a space names its children. */
export const SPACE_CHILD = 'm.space.child'

/** `order` has so many characters at most, all of them printable ASCII (`m.space.child`). */
const ORDER = /^[\x20-\x7e]{1,50}$/
/** Each may cost a connection that times out. */
const MAX_VIA = 10

/** A room that a space names as its child. */
export interface SpaceChild {
  readonly roomId: string
  /** Servers that are in it. */
  readonly via: readonly string[]
  readonly suggested: boolean
  readonly order: string | undefined
  readonly originServerTs: number
  /** The event as it is shown: stripped, with its time. */
  readonly stripped: JsonObject
}

/**
 * Reads the event by which a space names a child.
 *
 * @returns undefined for an event that names none: its state key is no room id, or its `via` is missing or wrong.
 */
export function readSpaceChild(event: {
  readonly stateKey: string | undefined
  readonly sender: string
  readonly content: JsonObject
  readonly originServerTs: number
}): SpaceChild | undefined {
  const { stateKey, sender, content, originServerTs } = event
  const via = ownValue(content, 'via')
  if (stateKey === undefined || !isRoomId(stateKey) || !Array.isArray(via)) return undefined
  const servers = via.filter((server) => typeof server === 'string').filter(isServerName)
  if (servers.length === 0) return undefined
  const order = ownValue(content, 'order')
  return {
    roomId: stateKey,
    via: servers.slice(0, MAX_VIA),
    suggested: ownValue(content, 'suggested') === true,
    order: typeof order === 'string' && ORDER.test(order) ? order : undefined,
    originServerTs,
    stripped: { type: SPACE_CHILD, state_key: stateKey, sender, content, origin_server_ts: originServerTs },
  }
}

/** For `Array.prototype.sort` (client-server API, "Ordering of children within a space"). */
export function compareSpaceChildren(a: SpaceChild, b: SpaceChild): number {
  return (
    compareOrders(a.order, b.order) ||
    a.originServerTs - b.originServerTs ||
    compareCodePoints(a.roomId, b.roomId)
  )
}

function compareOrders(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined)
  return compareCodePoints(a, b)
}
