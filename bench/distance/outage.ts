import pg from 'pg'
import type { TwoRegions } from '../../spec-tests/support/two-regions.ts'
import { setTimeout as sleep } from 'node:timers/promises'
import { readBack } from '../measure/read-back.ts'
import type { SharedRoom } from './furnish.ts'

const COUNT_EVERY_MS = 250

/** What an outage cost. */
export interface Outage {
  /** Events that the other region missed. */
  readonly sent: number
  readonly sendingSeconds: number
  /** From healing until the other region had them all. */
  readonly catchingUpSeconds: number
}

/**
 * Cuts the way between the regions, sends, heals it, and waits until everything is on the other side.
 *
 * @throws Error when a message is not in its place in the history that the listener reads.
 */
export async function outage(
  regions: TwoRegions,
  rooms: readonly SharedRoom[],
  events: number,
): Promise<Outage> {
  const pool = new pg.Pool(await regions.south.database())
  try {
    const known = async (): Promise<number> => {
      const { rows } = await pool.query<{ count: string }>('SELECT count(*) FROM event')
      return Number(rows[0]!.count)
    }
    const before = await known()
    regions.cut()
    const begun = performance.now()
    const acknowledged = await Promise.all(rooms.map((room) => sendOneByOne(room, events / rooms.length)))
    const sent = acknowledged.reduce((sum, { size }) => sum + size, 0)
    const healed = performance.now()
    regions.heal()
    while ((await known()) < before + sent) await sleep(COUNT_EVERY_MS)
    const caughtUp = performance.now()
    const failures: string[] = []
    for (const [index, { listener, roomId }] of rooms.entries()) {
      failures.push(...(await readBack(listener, roomId, acknowledged[index]!, true)))
    }
    if (failures.length > 0) throw new Error(failures.join('\n'))
    return {
      sent,
      sendingSeconds: (healed - begun) / 1_000,
      catchingUpSeconds: (caughtUp - healed) / 1_000,
    }
  } finally {
    await pool.end()
  }
}

async function sendOneByOne({ speaker, roomId }: SharedRoom, count: number): Promise<Map<string, string>> {
  const acknowledged = new Map<string, string>()
  for (let turn = 0; turn < count; turn++) {
    const body = `missed ${turn}`
    acknowledged.set(await speaker.sendText(roomId, body), body)
  }
  return acknowledged
}
