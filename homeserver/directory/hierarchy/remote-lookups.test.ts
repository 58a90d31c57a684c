import { expect, test } from 'vitest'
import type { RemoteDirectory, RemoteSpace } from '../remote-directory.ts'
import type { RoomSummary } from '../summaries/room-summary.ts'
import { summariseState } from '../summaries/summarise-state.ts'
import { createEventIn } from '../summaries/test-state.fixture.ts'
import { createRemoteSpaceCache, RemoteLookups } from './remote-lookups.ts'

const PATIENCE_MS = 50

function spaceOf(roomId: string): RemoteSpace {
  const summary = summariseState(new Map([['m.room.create', createEventIn(roomId)]]), 1)!
  return { summary, children: [], childSummaries: new Map(), inaccessible: new Set() }
}

/** Other servers: one answers at once, one never. */
function servers(asked: string[]): RemoteDirectory {
  return {
    publicRooms: () => Promise.reject(new Error('nobody asks this here')),
    space: (roomId, [server], _, signal) => {
      asked.push(roomId)
      if (server === 'quick.test') return Promise.resolve(spaceOf(roomId))
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined)))
    },
  }
}

test('a server that never answers is waited for only so long, and others are told of meanwhile', async () => {
  const asked: string[] = []
  const lookups = new RemoteLookups(servers(asked), createRemoteSpaceCache(), false, PATIENCE_MS)
  const slow = lookups.find({ roomId: '!slow:slow.test', via: ['slow.test'] })
  const quick = lookups.find({ roomId: '!quick:quick.test', via: ['quick.test'] })
  expect((await quick)?.summary.roomId).toBe('!quick:quick.test')
  expect(await slow).toBeUndefined()
  expect(await lookups.find({ roomId: '!late:quick.test', via: ['quick.test'] })).toBeUndefined()
  expect(asked).toEqual(['!slow:slow.test', '!quick:quick.test'])
})

test('what was told is kept for the requests that follow, suggested rooms by themselves', async () => {
  const asked: string[] = []
  const cache = createRemoteSpaceCache()
  const room = { roomId: '!quick:quick.test', via: ['quick.test'] }
  for (const suggestedOnly of [false, false, true]) {
    const lookups = new RemoteLookups(servers(asked), cache, suggestedOnly)
    expect(await lookups.find(room)).toBe(await lookups.find(room))
  }
  expect(asked).toHaveLength(2)
})

test('what one server has told is not told to who asks another', async () => {
  const asked: string[] = []
  const cache = createRemoteSpaceCache()
  const directory: RemoteDirectory = {
    ...servers(asked),
    space: (roomId, [server]) => {
      const { summary, ...space } = spaceOf(roomId)
      return Promise.resolve({ ...space, summary: { ...summary, name: server } })
    },
  }
  const nameBy = async (...via: string[]) =>
    (await new RemoteLookups(directory, cache, false).find({ roomId: '!room:quick.test', via }))?.summary.name
  expect(await nameBy('liar.test')).toBe('liar.test')
  expect(await nameBy('quick.test')).toBe('quick.test')
})

test('long texts do not fill the memory', async () => {
  let asked = 0
  const directory: RemoteDirectory = {
    ...servers([]),
    space: (roomId) => {
      asked++
      const { summary, ...space } = spaceOf(roomId)
      const topic = 'x'.repeat(60_000)
      const told = Array.from({ length: 500 }, (_, n): [string, RoomSummary] => [
        `!${n}:quick.test`,
        { ...summary, topic },
      ])
      return Promise.resolve({ ...space, summary, childSummaries: new Map(told) })
    },
  }
  const cache = createRemoteSpaceCache()
  const room = { roomId: '!large:quick.test', via: ['quick.test'] }
  for (let request = 0; request < 2; request++) await new RemoteLookups(directory, cache, false).find(room)
  expect(asked).toBe(2)
})
