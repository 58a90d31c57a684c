import type { DatabaseAddress } from '../../storage/database.ts'

/** Where a contestant keeps its files and data for one run; all of it new. */
export interface Ground {
  directory: string
  database: DatabaseAddress
}

/** A homeserver that can be started for a comparison. */
export interface Contestant {
  name: 'meridian' | 'synapse'
  /** Name and version, as the result calls it. */
  title(): Promise<string>
  /** The text of its configuration file. */
  configuration(ground: Ground): string
  /** Writes what it needs into the directory, given the path of its configuration file, and returns its command. */
  prepare(ground: Ground, configurationPath: string): Promise<string[]>
}

/** Not used by anything else, so that a server left over from before is noticed and not measured. */
export const PORT = 18_008

export const SHARED_SECRET = 'bench'

/** The rate limits that the scenarios touch, all beyond reach; both servers use the same names. */
export const NO_RATE_LIMITS = `rc_message: &off {per_second: 1000000, burst_count: 1000000}
rc_registration: *off
rc_login: {address: *off, account: *off, failed_attempts: *off}
rc_joins: {local: *off, remote: *off}
rc_joins_per_room: *off
rc_room_creation: *off
rc_invites: {per_room: *off, per_user: *off, per_issuer: *off}
`
