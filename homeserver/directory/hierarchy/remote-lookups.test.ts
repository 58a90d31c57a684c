import { expect, test } from 'vitest'
import type { RemoteDirectory, RemoteSpace } from '../remote-directory.ts'
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
