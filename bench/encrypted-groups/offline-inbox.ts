import { eventually } from '../../spec-tests/support/eventually.ts'
import type { Json } from '../../spec-tests/support/test-client.ts'
import type { Device, Ground } from './ground.ts'
import { measure, type Cost } from './measure.ts'
import { together } from './together.ts'

const MINUTES_MS = 20 * 60_000

/** Messages for a device that is away, and its return. */
export interface OfflineInbox {
  /** One request a message, until all wait at the other server. */
  readonly sending: Cost
  /** As many answers of `/sync` as it takes. */
  readonly returning: Cost
  readonly answers: number
}

/**
 * Sends messages to a device of the south from the north, one a request, and has the device come back for them.
 *
 * @throws Error when one is missing or comes twice.
 */
export async function offlineInbox(
  ground: Ground,
  sender: Device,
  target: Device,
  count: number,
): Promise<OfflineInbox> {
  let since = await drain(target)
  const before = await ground.south.waitingMessages()
  const numbers = Array.from({ length: count }, (_, index) => index)
  const sending = await measure(ground, async () => {
    await together(numbers, async (n) => {
      const messages = { [target.userId]: { [target.deviceId]: { n, ciphertext: 'x'.repeat(1_200) } } }
      await sender.call('PUT', `/sendToDevice/org.example.numbered/n${n}`, { messages })
    })
    const all = async () => (await ground.south.waitingMessages()) === before + count
    await eventually(`${count} messages at the other server`, all, MINUTES_MS)
  })
  const heard: number[] = []
  let answers = 0
  const returning = await measure(ground, async () => {
    while (heard.length < count) {
      const answer = await target.sync({ since, timeout: '10000' })
      since = String(answer['next_batch'])
      answers++
      heard.push(...eventsIn(answer).map(({ content }) => Number((content as Json)['n'])))
    }
    await target.sync({ since })
  })
  if (new Set(heard).size !== count || heard.length !== count) {
    throw new Error(`${heard.length} messages came, ${new Set(heard).size} of them different`)
  }
  return { sending, returning, answers }
}

/** Takes what waits for a device. @returns the token after it. */
async function drain(device: Device): Promise<string> {
  let answer = await device.sync()
  while (eventsIn(answer).length > 0) answer = await device.sync({ since: String(answer['next_batch']) })
  return String(answer['next_batch'])
}

function eventsIn(answer: Json): readonly Json[] {
  return (answer['to_device'] as { readonly events: readonly Json[] } | undefined)?.events ?? []
}
