/** How presence works; durations in milliseconds. */
export interface PresenceSettings {
  /** Whether our users' presence follows what they do. */
  readonly tracks: boolean
  /** Whether clients are told of presence. */
  readonly tells: boolean
  /** Whether other servers tell us, and are told. */
  readonly federates: boolean
  /** Whether first syncs tell of who is offline, too. */
  readonly includesOffline: boolean
  /** For how long after doing something a user counts as currently active. */
  readonly activeMs: number
  /** For how long after the last sync a device counts as connected. */
  readonly syncGraceMs: number
  /** After how long without doing anything a user is unavailable. */
  readonly idleMs: number
}
