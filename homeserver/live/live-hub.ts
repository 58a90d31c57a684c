import { setTimeout as sleep } from 'node:timers/promises'
import type { UserNid } from '../../storage/numeric-ids.ts'
import type { Sessions } from '../accounts/sessions.ts'
import type { Presence } from '../presence/presence.ts'
import { addressKey } from '../rate-limits/address-key.ts'
import type { Sync } from '../sync/sync.ts'
import { LivePeer } from './live-peer.ts'
import type { LiveProtocol } from './live-protocol.ts'
import type { LiveSettings } from './live-settings.ts'
import type { LiveSocket } from './live-socket.ts'

/** How often a closing hub looks whether its sockets are gone. */
const CLOSING_POLL_MS = 20

/** What live sockets stand on. */
export interface LiveParts {
  readonly sync: Pick<Sync, 'next'>
  readonly sessions: Pick<Sessions, 'onForget'>
  readonly presence: Pick<Presence, 'connect'>
  readonly protocol: LiveProtocol
  readonly settings: LiveSettings
  onError(error: unknown): void
}

/** All live sockets, looked after by one timer. */
export class LiveHub {
  readonly sync: Pick<Sync, 'next'>
  readonly presence: Pick<Presence, 'connect'>
  readonly protocol: LiveProtocol
  readonly settings: LiveSettings
  readonly onError: (error: unknown) => void
  readonly #peers = new Set<LivePeer>()
  readonly #perAddress = new Map<string, number>()
  readonly #byUser = new Map<UserNid, Set<LivePeer>>()
  readonly #timer: NodeJS.Timeout
  readonly #stopListening: () => void
  #closed = false

  constructor(parts: LiveParts) {
    this.sync = parts.sync
    this.presence = parts.presence
    this.protocol = parts.protocol
    this.settings = parts.settings
    this.onError = (error) => parts.onError(error)
    this.#timer = setInterval(() => this.#look(), parts.settings.tickMs).unref()
    this.#stopListening = parts.sessions.onForget((userNid) => {
      for (const peer of this.#byUser.get(userNid) ?? []) peer.confirm()
    })
  }

  /** How many sockets are open. */
  get size(): number {
    return this.#peers.size
  }

  /** Whether there is room for one more socket from an address. */
  admits(address: string): boolean {
    const { maxSockets, maxPerAddress } = this.settings
    const ofAddress = this.#perAddress.get(addressKey(address)) ?? 0
    return !this.#closed && this.#peers.size < maxSockets && ofAddress < maxPerAddress
  }

  /** Takes an open socket. The caller tells the peer of frames and of its end, and then `remove`s it. */
  add(socket: LiveSocket, address: string): LivePeer {
    const peer = new LivePeer(this, socket, address)
    const key = addressKey(address)
    this.#peers.add(peer)
    this.#perAddress.set(key, (this.#perAddress.get(key) ?? 0) + 1)
    return peer
  }

  /** Counts a peer as its user's. @returns false when the user has too many. */
  claim(peer: LivePeer, userNid: UserNid): boolean {
    const ofUser = this.#byUser.get(userNid) ?? new Set()
    if (ofUser.size >= this.settings.maxPerUser) return false
    this.#byUser.set(userNid, ofUser.add(peer))
    return true
  }

  remove(peer: LivePeer): void {
    peer.gone()
    if (!this.#peers.delete(peer)) return
    const key = addressKey(peer.address)
    const left = (this.#perAddress.get(key) ?? 0) - 1
    if (left > 0) this.#perAddress.set(key, left)
    else this.#perAddress.delete(key)
    const { userNid } = peer
    const ofUser = userNid === undefined ? undefined : this.#byUser.get(userNid)
    if (userNid !== undefined && ofUser?.delete(peer) && ofUser.size === 0) this.#byUser.delete(userNid)
  }

  /** Closes every socket so that its client resumes elsewhere or later; cuts off those that do not answer. */
  async close(): Promise<void> {
    this.#closed = true
    this.#stopListening()
    for (const peer of this.#peers) peer.close('resume', 'The server stops')
    const deadline = performance.now() + this.settings.closingMs
    while (this.#peers.size > 0 && performance.now() < deadline) await sleep(CLOSING_POLL_MS)
    for (const peer of this.#peers) peer.terminate()
    clearInterval(this.#timer)
  }

  #look(): void {
    const now = performance.now()
    for (const peer of this.#peers) peer.look(now)
  }
}
