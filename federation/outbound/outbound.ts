import type { JsonObject } from '../../protocol/json/value.ts'
import type { RoomNid } from '../../storage/numeric-ids.ts'
import type { OutgoingReceipt } from './edu-queue.ts'
import type { EduSource } from './edu-source.ts'

/** Sends what happens here to other servers. */
export interface Outbound {
  /** Goes on where the last run ended: after the committer has started. */
  start(): Promise<void>
  /** Ends after the transactions under way and notes what has not been sent. */
  stop(): Promise<void>
  /** Tells the servers in a room that one of our users types or has stopped to. */
  sendTyping(roomId: string, userId: string, typing: boolean): Promise<void>
  /** Tells the servers in a room what one of our users has read. Private receipts do not belong here. */
  sendReceipt(receipt: OutgoingReceipt): Promise<void>
  /** Tells the servers in a user's rooms of the user's presence, as `m.presence` holds it for each user. */
  sendPresence(userId: string, content: JsonObject, roomNids: readonly RoomNid[]): Promise<void>
  /** The servers with anybody in each of some rooms, without our own. */
  serversOfRooms(roomNids: Iterable<RoomNid>): Promise<ReadonlyMap<RoomNid, ReadonlySet<string>>>
  /** Waits until everything that is committed so far has been taken in: who is in which room, what is to be sent. */
  caughtUp(): Promise<void>
  /** Takes EDUs from where they are stored as well. */
  addEduSource(source: EduSource): void
  /** A source has something for a server. */
  wakeForDurableEdus(serverName: string): void
  /** A server that has just called us can be called. */
  heardFrom(serverName: string): void
}
