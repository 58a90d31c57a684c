import { eventually } from '../../spec-tests/support/eventually.ts'
import type { Device, Ground } from './ground.ts'
import { measure, type Cost } from './measure.ts'

/** Devices that the Rust library names in one request. */
const TARGETS_A_REQUEST = 250
/** Characters of a room key as it is sent, encrypted by Olm. */
const ROOM_KEY_LENGTH = 1_200

const MINUTES_MS = 5 * 60_000

/** What the first message of a member costs, step by step. */
export interface FirstSend {
  readonly query: Cost
  /** The same again, when the keys of the other server are known. */
  readonly queryAgain: Cost
  readonly claim: Cost
  /** Until all room keys wait for their devices. */
  readonly share: Cost
  readonly send: Cost
}

/** One member's first message: the keys of all asked for, a session with every device begun, the room key shared. */
export async function firstSend(
  ground: Ground,
  sender: Device,
  roomId: string,
  members: readonly (readonly Device[])[],
): Promise<FirstSend> {
  const others = members.flat().filter((device) => device !== sender)
  const query = async (): Promise<void> => {
    const wanted = Object.fromEntries(members.map(([device]) => [device!.userId, []]))
    const answer = await sender.call('POST', '/keys/query', { device_keys: wanted, timeout: 45_000 })
    const found = Object.values(answer['device_keys'] as Record<string, object>)
    expectCount(
      'devices with keys',
      found.flatMap((devices) => Object.keys(devices)).length,
      others.length + 1,
    )
  }
  const claim = async (): Promise<void> => {
    const answer = await sender.call('POST', '/keys/claim', {
      one_time_keys: byDevice(others, () => 'signed_curve25519'),
      timeout: 45_000,
    })
    const found = Object.values(answer['one_time_keys'] as Record<string, object>)
    expectCount('one-time keys', found.flatMap((devices) => Object.keys(devices)).length, others.length)
  }
  const waiting = async (): Promise<number> =>
    (await ground.north.waitingMessages()) + (await ground.south.waitingMessages())
  const before = await waiting()
  const share = async (): Promise<void> => {
    for (let from = 0; from < others.length; from += TARGETS_A_REQUEST) {
      const messages = byDevice(others.slice(from, from + TARGETS_A_REQUEST), () => ({
        algorithm: 'm.olm.v1.curve25519-aes-sha2',
        ciphertext: 'x'.repeat(ROOM_KEY_LENGTH),
      }))
      const path = `/sendToDevice/m.room.encrypted/${encodeURIComponent(roomId)}-${from}`
      await sender.call('PUT', path, { messages })
    }
    const all = async () => (await waiting()) === before + others.length
    await eventually('the room keys at their devices', all, MINUTES_MS)
  }
  return {
    query: await measure(ground, query),
    queryAgain: await measure(ground, query),
    claim: await measure(ground, claim),
    share: await measure(ground, share),
    send: await measure(ground, async () => {
      const content = { algorithm: 'm.megolm.v1.aes-sha2', ciphertext: 'x'.repeat(200) }
      await sender.send(roomId, 'm.room.encrypted', content)
    }),
  }
}

function byDevice<Value>(
  devices: readonly Device[],
  valueOf: () => Value,
): Record<string, Record<string, Value>> {
  const users: Record<string, Record<string, Value>> = {}
  for (const { userId, deviceId } of devices) (users[userId] ??= {})[deviceId] = valueOf()
  return users
}

function expectCount(what: string, found: number, expected: number): void {
  if (found !== expected) throw new Error(`${found} ${what} instead of ${expected}`)
}
