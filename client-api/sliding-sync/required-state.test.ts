import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TestClient } from '../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'
import { everything, slide, stateIn } from './sliding-client.fixture.ts'

type Required = readonly (readonly [string, string])[]

let server: TestServer
let alice: TestClient
let bob: TestClient
let carol: TestClient
let watcher: TestClient
let roomId: string

const member = (client: TestClient): string => `m.room.member/${client.userId}`

beforeAll(async () => {
  server = await startTestServer()
  ;[alice, bob, carol, watcher] = (await Promise.all(
    ['alice', 'bob', 'carol', 'watcher'].map((name) => server.register(name)),
  )) as [TestClient, TestClient, TestClient, TestClient]
  roomId = await alice.createRoom({ preset: 'public_chat', name: 'Hall' })
  for (const client of [bob, carol, watcher]) await client.join(roomId)
  await alice.setState(roomId, 'org.example.a', { n: 1 }, 'one')
  await alice.setState(roomId, 'org.example.a', { n: 2 }, 'two')
  await alice.setState(roomId, 'org.example.b', { n: 3 }, 'one')
})
afterAll(() => server.close())

async function initial(required: Required, timelineLimit = 0): Promise<string[]> {
  const { rooms } = await slide(watcher, { lists: { all: everything(timelineLimit, required) } })
  return stateIn(rooms[roomId])
}

it.each<[Required, () => string[]]>([
  [[], () => []],
  [[['m.room.name', '']], () => ['m.room.name/']],
  [[['org.example.a', '*']], () => ['org.example.a/one', 'org.example.a/two']],
  [[['*', 'one']], () => ['org.example.a/one', 'org.example.b/one']],
  [[['m.room.member', '$ME']], () => [member(watcher)]],
  [[['m.room.member', '@nobody:here.test']], () => []],
  [[['m.room.member', '*']], () => [alice, bob, carol, watcher].map(member)],
  [
    [
      ['m.room.member', '*'],
      ['m.room.member', '$LAZY'],
    ],
    () => [alice, bob, carol, watcher].map(member),
  ],
  [[['m.room.member', '$LAZY']], () => []],
  [[['org.example.a', '$LAZY']], () => []],
])('of all state, %j matches what it names', async (required, expected) => {
  expect(await initial(required)).toEqual(expected().toSorted())
})

it('gives all state, and members as the timeline needs them', async () => {
  const all = (await watcher.state(roomId)).map(({ type, state_key: key }) => `${type}/${key}`).toSorted()
  expect(await initial([['*', '*']])).toEqual(all)
  await bob.say(roomId, 'here')
  const others = all.filter((place) => !place.startsWith('m.room.member/'))
  const lazily = await initial(
    [
      ['*', '*'],
      ['m.room.member', '$LAZY'],
    ],
    1,
  )
  expect(lazily).toEqual([...others, member(bob)].toSorted())
})

it('gives changes of what is asked for, and nothing twice', async () => {
  const lists = {
    all: everything(1, [
      ['m.room.topic', ''],
      ['org.example.a', 'one'],
    ]),
  }
  let { pos } = await slide(watcher, { lists })
  await alice.setState(roomId, 'm.room.topic', { topic: 'first' })
  await alice.setState(roomId, 'org.example.a', { n: 9 }, 'two')
  const changed = await slide(watcher, { lists }, pos)
  expect(stateIn(changed.rooms[roomId])).toEqual(['m.room.topic/'])
  ;({ pos } = changed)
  await alice.say(roomId, 'hello')
  expect(stateIn((await slide(watcher, { lists }, pos)).rooms[roomId])).toEqual([])
})

it('gives what a wider request adds at once, and nothing for a narrower one', async () => {
  const narrow = { all: everything(1, [['m.room.name', '']]) }
  const wide = {
    all: everything(1, [
      ['m.room.name', ''],
      ['org.example.a', '*'],
    ]),
  }
  const first = await slide(watcher, { lists: narrow })
  const wider = await slide(watcher, { lists: wide }, first.pos, 20_000)
  expect(stateIn(wider.rooms[roomId])).toEqual(['org.example.a/one', 'org.example.a/two'])
  expect(wider.rooms[roomId]).not.toHaveProperty('initial')
  const narrower = await slide(watcher, { lists: narrow }, wider.pos)
  expect(narrower.rooms).toEqual({})
  await alice.setState(roomId, 'org.example.a', { n: 7 }, 'one')
  const meanwhile = await slide(watcher, { lists: narrow }, narrower.pos)
  expect(stateIn(meanwhile.rooms[roomId])).toEqual([])
  expect(stateIn((await slide(watcher, { lists: wide }, meanwhile.pos)).rooms[roomId])).toContain(
    'org.example.a/one',
  )
})

it('gives members of a timeline once, again when they have changed, and changes of all others', async () => {
  const lists = { all: everything(1, [['m.room.member', '$LAZY']]) }
  await alice.say(roomId, 'one')
  const first = await slide(watcher, { lists })
  expect(stateIn(first.rooms[roomId])).toEqual([member(alice)])
  await alice.say(roomId, 'two')
  const again = await slide(watcher, { lists }, first.pos)
  expect(stateIn(again.rooms[roomId])).toEqual([])
  await bob.say(roomId, 'three')
  const other = await slide(watcher, { lists }, again.pos)
  expect(stateIn(other.rooms[roomId])).toEqual([member(bob)])

  const rename = (client: TestClient, displayname: string): Promise<string> =>
    client.setState(roomId, 'm.room.member', { membership: 'join', displayname }, client.userId)
  await rename(carol, 'Carola')
  const renamed = await slide(watcher, { lists }, other.pos)
  expect(stateIn(renamed.rooms[roomId])).toEqual([member(carol)])
  // With a hole in the timeline only those count who are in it; the others are forgotten, and told when they speak.
  await rename(alice, 'Alicia')
  await bob.say(roomId, 'four')
  const limited = await slide(watcher, { lists }, renamed.pos)
  expect(limited.rooms[roomId]).toMatchObject({ limited: true })
  expect(stateIn(limited.rooms[roomId])).toEqual([])
  await alice.say(roomId, 'five')
  expect(stateIn((await slide(watcher, { lists }, limited.pos)).rooms[roomId])).toEqual([member(alice)])
})
