import type { JsonObject } from '../../protocol/json/value.ts'
import type { UserNid } from '../numeric-ids.ts'
import type { StreamPosition } from '../position/position.ts'

/** What a client says of itself when it sets a pusher (client-server API, `POST /pushers/set`). */
export interface PusherAbout {
  readonly appDisplayName: string
  readonly deviceDisplayName: string
  readonly lang: string
  readonly profileTag: string | undefined
  /** For the gateway; with `url` and `format` where the kind is http. */
  readonly data: JsonObject
}

/** Where a user wants to be notified. */
export interface Pusher {
  readonly pusherNid: number
  readonly userNid: UserNid
  readonly userId: string
  readonly appId: string
  readonly pushkey: string
  readonly kind: 'http' | 'email'
  /** The device that it goes with; null for addresses, which stay. */
  readonly deviceId: string | null
  readonly about: PusherAbout
  readonly enabled: boolean
  /** When it was set last, milliseconds since the epoch. */
  readonly setTs: number
}

/** A pusher with how far it has come. */
export interface PusherWithProgress extends Pusher {
  /** Before the first notification that it lacks; undefined for one that has had all up to the shared cursor. */
  readonly toldUntil: StreamPosition | undefined
  /** The count of unread notifications that it was told last. */
  readonly badge: number
}
