/** Events of other servers that joined, left or knocked through us: the other servers of the room get them from us. */
export interface EventToRelayTable {
  event_id: string
  /** The server that made the event, which has it already. */
  origin: string
  marked_ts: number
}
