import type { JudgedEvent, RoomEvent, Verdict } from '../../protocol/events/room-event.ts'

/** An event with what the auth rules said of it; only the judges of this folder call this. */
export function judged(event: RoomEvent, verdict: Verdict, reason?: string): JudgedEvent {
  return (reason === undefined ? { ...event, verdict } : { ...event, verdict, reason }) as JudgedEvent
}
