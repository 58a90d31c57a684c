/** Which events of one kind a client wants (client-server API, "Filtering"). Absent lists restrict nothing. */
export interface EventFilter {
  /** At most so many; undefined for the server's choice. */
  readonly limit?: number
  readonly senders?: readonly string[]
  readonly notSenders?: readonly string[]
  /** With `*` as wildcard. */
  readonly types?: readonly string[]
  /** With `*` as wildcard. */
  readonly notTypes?: readonly string[]
}

/** An event filter inside rooms. */
export interface RoomEventFilter extends EventFilter {
  readonly rooms?: readonly string[]
  readonly notRooms?: readonly string[]
  readonly containsUrl?: boolean
  /** Events of these relations alone (MSC3874). */
  readonly relTypes?: readonly string[]
  readonly notRelTypes?: readonly string[]
  readonly lazyLoadMembers: boolean
  readonly includeRedundantMembers: boolean
  readonly unreadThreadNotifications: boolean
}

/** What a sync shows of rooms. */
export interface RoomFilter {
  readonly rooms?: readonly string[]
  readonly notRooms?: readonly string[]
  readonly includeLeave: boolean
  readonly state: RoomEventFilter
  readonly timeline: RoomEventFilter
  readonly ephemeral: RoomEventFilter
  readonly accountData: RoomEventFilter
}

/** A whole sync filter. */
export interface Filter {
  readonly eventFields?: readonly string[]
  readonly eventFormat: 'client' | 'federation'
  readonly presence: EventFilter
  readonly accountData: EventFilter
  readonly room: RoomFilter
}
