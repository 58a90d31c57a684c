import type { TwoRegions } from '../../spec-tests/support/two-regions.ts'
import { HttpClient } from '../client/http-client.ts'
import type { MatrixUser } from '../client/matrix-user.ts'
import { Registration } from '../client/registration.ts'

/** Users on each side; each is in a part of the rooms. */
const USERS_EACH = 10

/** A room that spans both regions. */
export interface SharedRoom {
  readonly roomId: string
  /** In the north. */
  readonly speaker: MatrixUser
  /** In the south. */
  readonly listener: MatrixUser
}

/** The rooms, until their users' connections are closed. */
export interface SharedRooms extends AsyncDisposable {
  readonly list: readonly SharedRoom[]
}

/** Registers users on both sides and makes rooms of the north that users of the south have joined. */
export async function furnish({ north, south }: TwoRegions, count: number): Promise<SharedRooms> {
  const clients = [new HttpClient(north.url), new HttpClient(south.url)] as const
  const speakers = await new Registration(clients[0]).users('speaker', USERS_EACH)
  const listeners = await new Registration(clients[1]).users('listener', USERS_EACH)
  const furnished = await Promise.all(
    speakers.map(async (speaker, index) => {
      const listener = listeners[index]!
      const rooms: SharedRoom[] = []
      for (let room = index; room < count; room += USERS_EACH) {
        const roomId = await speaker.createPublicRoom(`Room ${room}`)
        await listener.join(roomId, north.serverName)
        rooms.push({ roomId, speaker, listener })
      }
      return rooms
    }),
  )
  return {
    list: furnished.flat(),
    [Symbol.asyncDispose]: async () => void (await Promise.all(clients.map((client) => client.close()))),
  }
}
