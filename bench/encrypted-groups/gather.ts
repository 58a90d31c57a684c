import type { Device, Ground } from './ground.ts'
import { together } from './together.ts'

const ENCRYPTION = {
  type: 'm.room.encryption',
  state_key: '',
  content: { algorithm: 'm.megolm.v1.aes-sha2' },
}

/** Makes an encrypted room of the first user of the north, which others join. @returns its id. */
export async function gather({ north }: Ground, others: readonly Device[]): Promise<string> {
  const roomId = await north.users[0]![0]!.createRoom({
    preset: 'public_chat',
    initial_state: [ENCRYPTION],
  })
  const { userId: creator } = north.users[0]![0]!
  const via = [creator.slice(creator.indexOf(':') + 1)]
  // The first of another server brings the room there.
  const away = others.find(({ userId }) => !userId.endsWith(`:${via[0]}`))
  await away?.join(roomId, via)
  await together(
    others.filter((device) => device !== away),
    async (device) => void (await device.join(roomId, via)),
  )
  return roomId
}
