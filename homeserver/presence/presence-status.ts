/** Presence as clients and servers name it (client-server API, "Presence"). */
export type PresenceState = 'online' | 'unavailable' | 'offline'

/** What is told of a user. */
export interface PresenceStatus {
  readonly presence: PresenceState
  readonly statusMsg: string | undefined
  /** Milliseconds since the epoch; undefined where it is not known. */
  readonly lastActiveTs: number | undefined
  readonly currentlyActive: boolean
}

/** Of users of whom nothing is known. */
export const UNKNOWN_STATUS: PresenceStatus = {
  presence: 'offline',
  statusMsg: undefined,
  lastActiveTs: undefined,
  currentlyActive: false,
}

/** What a status message may hold, in UTF-16 units: a sentence or two, which is kept in memory for each user. */
export const MAX_STATUS_LENGTH = 512

/** Whether a value names a presence. */
export function isPresenceState(value: unknown): value is PresenceState {
  return value === 'online' || value === 'unavailable' || value === 'offline'
}

/** The content of an `m.presence` event, as of `now`. */
export function presenceContent(
  status: PresenceStatus,
  now: number,
): Record<string, string | number | boolean> {
  const { presence, statusMsg, lastActiveTs, currentlyActive } = status
  return {
    presence,
    ...(lastActiveTs !== undefined && { last_active_ago: Math.max(0, now - lastActiveTs) }),
    ...(statusMsg !== undefined && { status_msg: statusMsg }),
    ...(presence === 'online' && { currently_active: currentlyActive }),
  }
}
