import { randomBytes } from 'node:crypto'
import type { DemoRegion } from './demo-region.ts'
import { DemoUser } from './demo-user.ts'

const PASSWORD_BYTES = 9
const WHILE_AWAY = [
  'Is the south still there?',
  'The line is dead.',
  'I write on; it must reach you some day.',
]

/** Who can log in after the story. */
export interface Credentials {
  readonly users: readonly string[]
  readonly password: string
}

async function show(user: DemoUser, roomId: string, say: (line: string) => void): Promise<void> {
  say(`  what ${user.userId} sees:`)
  for (const { sender, body } of await user.read(roomId)) say(`    ${sender}: ${body}`)
}

/**
 * Two users of two servers share a room; one server is killed and comes back, and gets what it has missed.
 *
 * @param say told each step as it has happened.
 * @throws Error when something does not happen.
 */
export async function tellStory(
  north: DemoRegion,
  south: DemoRegion,
  say: (line: string) => void,
): Promise<Credentials> {
  const password = randomBytes(PASSWORD_BYTES).toString('base64url')
  const alice = await DemoUser.register(north, 'alice', password)
  const bob = await DemoUser.register(south, 'bob', password)
  const roomId = await alice.createRoom('Two regions')
  await alice.invite(roomId, bob)
  await bob.join(roomId, north.serverName)
  say(`${alice.userId} has made a room, and ${bob.userId} has joined it.`)

  await alice.say(roomId, 'Good morning from the north!')
  await bob.awaits(roomId, 'Good morning from the north!')
  await bob.say(roomId, 'And good morning from the south!')
  await alice.awaits(roomId, 'And good morning from the south!')
  await show(alice, roomId, say)
  await show(bob, roomId, say)

  await south.kill()
  say('')
  say(`${south.serverName} has been killed (SIGKILL). ${alice.userId} goes on writing.`)
  for (const body of WHILE_AWAY) await alice.say(roomId, body)
  await south.start()
  say(`${south.serverName} is back, on the data that it had.`)
  await bob.awaits(roomId, WHILE_AWAY.at(-1) ?? '')
  await show(bob, roomId, say)
  await bob.say(roomId, 'Here I am again, and nothing is lost.')
  await alice.awaits(roomId, 'Here I am again, and nothing is lost.')
  await show(alice, roomId, say)
  return { users: [alice.userId, bob.userId], password }
}
