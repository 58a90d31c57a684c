import { setTimeout as sleep } from 'node:timers/promises'
import { eventText } from '../../federation/test-support/synthetic-resident.ts'
import type { RoomVersionId } from '../../protocol/room-versions/rules.ts'
import { RESIDENT, type JoiningRegion } from '../../spec-tests/joins/joining-region.ts'
import { TestClient } from '../../spec-tests/support/test-client.ts'
import { memoryOf } from '../measure/server-process.ts'
import { summarise } from '../measure/statistics.ts'
import { bytesPerChange, type BytesPerChange } from './bytes-per-change.ts'

/** Between two sends of the other user: a room in which people talk. */
const SEND_EVERY_MS = 50
/** Sends before the join, for comparison. */
const QUIET_SENDS = 100

/** What a join of a large room took. Milliseconds and megabytes. */
export interface JoinResult {
  readonly version: string
  readonly members: number
  /** Until the join was answered, and until a message to the room was. */
  readonly joinedMs: number
  readonly sentMs: number
  /** Until `/joined_members` told everybody. */
  readonly completeMs: number
  readonly peakMb: number
  /** 95th percentiles of another user's sends to another room, before and meanwhile. */
  readonly quietP95Ms: number
  readonly meanwhileP95Ms: number
  readonly meanwhileMaxMs: number
  /** Of one more state event in the room when it is complete. */
  readonly bytesPerChange: BytesPerChange
}

/** Has a user join a room of so many members while another user speaks elsewhere. */
export async function measureJoin(
  { region, room: make }: JoiningRegion,
  version: RoomVersionId,
  members: number,
): Promise<JoinResult> {
  const room = make(version, members)
  for (const event of room.events.values()) eventText(event)
  const [joiner, other] = [new TestClient(region.url), new TestClient(region.url)]
  await joiner.register('joiner')
  await other.register('other')
  const elsewhere = await other.createRoom()
  const quiet: number[] = []
  for (let sends = 0; sends < QUIET_SENDS; sends++) quiet.push(await timedSend(other, elsewhere))

  const latencies: number[] = []
  let over = false
  const talking = (async () => {
    while (!over) {
      latencies.push(await timedSend(other, elsewhere))
      await sleep(SEND_EVERY_MS)
    }
  })()
  const begun = performance.now()
  await joiner.join(room.roomId, [RESIDENT])
  const joinedMs = performance.now() - begun
  await joiner.say(room.roomId, 'hello')
  const sentMs = performance.now() - begun
  const expected = members + 2
  for (let known = 0; known < expected;) {
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room.roomId)}/joined_members`
    const { status, body } = await joiner.request('GET', path)
    if (status === 200) known = Object.keys(body['joined'] as object).length
    else if (status !== 503) throw new Error(`the members were answered ${status}`)
  }
  const completeMs = performance.now() - begun
  over = true
  await talking
  const peakMb = (await memoryOf(region.pid() ?? 0))?.peakMb ?? Number.NaN
  const meanwhile = summarise(latencies)!
  return {
    version,
    members,
    joinedMs: Math.round(joinedMs),
    sentMs: Math.round(sentMs),
    completeMs: Math.round(completeMs),
    peakMb: Math.round(peakMb),
    quietP95Ms: Math.round(summarise(quiet)!.p95),
    meanwhileP95Ms: Math.round(meanwhile.p95),
    meanwhileMaxMs: Math.round(meanwhile.max),
    bytesPerChange: await bytesPerChange(await region.database(), joiner, room.roomId),
  }

  async function timedSend(client: TestClient, roomId: string): Promise<number> {
    const start = performance.now()
    await client.say(roomId, 'a message')
    return performance.now() - start
  }
}
