import type { RoomNid, UserNid } from '../../storage/numeric-ids.ts'
import type { PresenceSettings } from './presence-settings.ts'
import type { PresenceState, PresenceStatus } from './presence-status.ts'

/** A user has few; whoever syncs on more than these shows the first ones. */
const MAX_DEVICES = 20
/** A server says again that its user is there while that is so; silence for this long means that it is not. */
const REMOTE_SILENCE_MS = 30 * 60_000

interface DevicePresence {
  wish: PresenceState
  /** Requests and sockets that wait. */
  connections: number
  seenTs: number
}

type Times = Pick<PresenceSettings, 'activeMs' | 'syncGraceMs' | 'idleMs'>

/** What is known of one user's presence: of our own from their devices, of others from what their server says. */
export class TrackedUser implements PresenceStatus {
  readonly userNid: UserNid
  readonly userId: string
  /** Rooms that the user is joined to. */
  readonly rooms = new Set<RoomNid>()
  /** The number of the last change, on the clock of ephemeral facts. */
  version = 0
  changedTs = 0
  presence: PresenceState = 'offline'
  currentlyActive = false
  statusMsg: string | undefined
  lastActiveTs: number | undefined
  readonly #devices = new Map<string, DevicePresence>()
  #remote: { presence: PresenceState; currentlyActive: boolean; until: number } | undefined

  constructor(userNid: UserNid, userId: string) {
    this.userNid = userNid
    this.userId = userId
  }

  /** A device connects, and wishes to show `wish`. Returns the function that ends it. */
  connect(deviceId: string, wish: PresenceState, now: () => number): () => void {
    const device = this.#device(deviceId, wish, now())
    if (!device) return () => undefined
    device.connections += 1
    return () => {
      device.connections -= 1
      device.seenTs = now()
    }
  }

  /** The user chooses on a device what to show. */
  choose(deviceId: string, wish: PresenceState, now: number): void {
    this.#device(deviceId, wish, now)
    if (wish === 'online') this.lastActiveTs = now
  }

  /** The user did something: whoever was away is back. */
  act(now: number): void {
    this.lastActiveTs = now
    for (const device of this.#devices.values()) {
      if (device.wish === 'unavailable') device.wish = 'online'
    }
  }

  /** The user's own server says how it is. */
  hear(status: PresenceStatus, now: number): void {
    const { presence, currentlyActive } = status
    this.#remote = { presence, currentlyActive, until: now + REMOTE_SILENCE_MS }
    this.statusMsg = status.statusMsg
    this.lastActiveTs = status.lastActiveTs
  }

  /** Works out the presence as of now. @returns whether it is another one. */
  refresh(now: number, times: Times): boolean {
    const { presence, currentlyActive } = this
    if (this.#remote) this.#followServer(this.#remote, now)
    else this.#followDevices(now, times)
    return presence !== this.presence || currentlyActive !== this.currentlyActive
  }

  #followServer(
    told: { presence: PresenceState; currentlyActive: boolean; until: number },
    now: number,
  ): void {
    this.presence = now < told.until ? told.presence : 'offline'
    this.currentlyActive = this.presence === 'online' && told.currentlyActive
  }

  #followDevices(now: number, { activeMs, syncGraceMs, idleMs }: Times): void {
    const wishes = new Set<PresenceState>()
    for (const [deviceId, { wish, connections, seenTs }] of this.#devices) {
      if (connections > 0 || now - seenTs < syncGraceMs) wishes.add(wish)
      else this.#devices.delete(deviceId)
    }
    const isBack = this.presence === 'offline' && wishes.has('online')
    if (isBack) this.lastActiveTs = now
    const idleFor = now - (this.lastActiveTs ?? now)
    this.presence = strongest(wishes, idleFor >= idleMs)
    this.currentlyActive = this.presence === 'online' && idleFor < activeMs
  }

  #device(deviceId: string, wish: PresenceState, now: number): DevicePresence | undefined {
    const device = this.#devices.get(deviceId) ?? { wish, connections: 0, seenTs: now }
    if (!this.#devices.has(deviceId)) {
      if (this.#devices.size >= MAX_DEVICES) return undefined
      this.#devices.set(deviceId, device)
    }
    device.wish = wish
    device.seenTs = now
    return device
  }
}

/** One device that is online makes its user so. */
function strongest(wishes: ReadonlySet<PresenceState>, idle: boolean): PresenceState {
  if (wishes.has('online')) return idle ? 'unavailable' : 'online'
  return wishes.has('unavailable') ? 'unavailable' : 'offline'
}
