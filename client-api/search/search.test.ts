import { afterAll, beforeAll, expect, it } from 'vitest'
import { foundIds as ids, searchMessages as search } from '../../spec-tests/support/search-messages.ts'
import type { Json, TestClient } from '../../spec-tests/support/test-client.ts'
import { startTestServer, type TestServer } from '../../spec-tests/support/test-server.ts'

let server: TestServer
let alice: TestClient
let bob: TestClient
beforeAll(async () => {
  server = await startTestServer()
  alice = await server.register('alice')
  bob = await server.register('bob')
})
afterAll(() => server.close())

it('finds words in any of the languages, beginnings of the last word, phrases and exclusions', async () => {
  const room = await alice.createRoom({ name: 'Gardening', topic: 'All about tulips' })
  const filter = { rooms: [room] }
  const running = await alice.say(room, 'She was running along the Straße')
  const walk = await alice.say(room, 'A long walk, running late')
  expect(ids(await search(alice, 'run', { filter, order_by: 'recent' }))).toEqual([walk, running])
  expect(ids(await search(alice, 'STRASS', { filter }))).toEqual([])
  expect(ids(await search(alice, 'straß', { filter }))).toEqual([running])
  expect(ids(await search(alice, '"running late"', { filter }))).toEqual([walk])
  expect(ids(await search(alice, 'running -walk', { filter }))).toEqual([running])
  expect(ids(await search(alice, '-walk', { filter }))).toEqual([])
  expect((await search(alice, 'running', { filter })).highlights).toContain('running')
  expect((await search(alice, 'runs', { filter })).highlights.toSorted()).toEqual(['running', 'runs'])
  const japanese = await alice.say(room, '今日は日本語で話します')
  expect(ids(await search(alice, '日本語', { filter }))).toEqual([japanese])
  expect(ids(await search(alice, '本日語', { filter }))).toEqual([])
  const tulips = await search(alice, 'tulips', { filter })
  expect(tulips.results[0]!.result.content['topic']).toBe('All about tulips')
  expect((await search(alice, 'gardening', { filter, keys: ['content.name'] })).count).toBe(1)
  expect((await search(alice, 'gardening', { filter, keys: ['content.body'] })).count).toBe(0)
})

it('goes by what edits say, and finds nothing of what is redacted', async () => {
  const room = await alice.createRoom()
  const event = await alice.say(room, 'original wording')
  const edit = await alice.send(room, 'm.room.message', {
    msgtype: 'm.text',
    body: '* corrected phrasing',
    'm.new_content': { msgtype: 'm.text', body: 'corrected phrasing' },
    'm.relates_to': { rel_type: 'm.replace', event_id: event },
  })
  const filter = { rooms: [room] }
  expect(ids(await search(alice, 'corrected', { filter }))).toEqual([event])
  expect(ids(await search(alice, 'wording', { filter }))).toEqual([])
  const redact = (id: string): Promise<Json> =>
    alice.call('PUT', `/rooms/${encodeURIComponent(room)}/redact/${encodeURIComponent(id)}/t${id}`, {})
  await redact(edit)
  expect(ids(await search(alice, 'corrected', { filter }))).toEqual([])
  expect(ids(await search(alice, 'wording', { filter }))).toEqual([event])
  await redact(event)
  expect(await search(alice, 'wording', { filter })).toMatchObject({ count: 0, results: [] })
})

it('pages, in all and in groups', async () => {
  const rooms = [await alice.createRoom({ invite: [bob.userId] }), await alice.createRoom()]
  await bob.join(rooms[0]!)
  const sent: string[] = []
  for (let index = 0; index < 12; index++)
    sent.push(await alice.say(rooms[index % 2]!, `paging number ${index}`))
  sent.push(await bob.say(rooms[0]!, 'paging too'))
  sent.reverse()
  const grouped = { group_by: [{ key: 'room_id' }, { key: 'sender' }] }
  for (const order of ['recent', 'rank']) {
    const criteria = { order_by: order, filter: { rooms, limit: 5 }, groupings: grouped }
    const paged: string[] = []
    let found = await search(alice, 'paging', criteria)
    const first = found
    expect(found.count).toBe(13)
    for (; found.results.length > 0; found = await search(alice, 'paging', criteria, found.next_batch)) {
      paged.push(...ids(found))
      if (found.next_batch === undefined) break
    }
    expect(paged.toSorted()).toEqual(sent.toSorted())
    if (order === 'recent') expect(paged).toEqual(sent)
    const group = first.groups!['room_id']![rooms[1]!]!
    const rest = await search(
      alice,
      'paging',
      { ...criteria, filter: { rooms, limit: 10 } },
      group.next_batch,
    )
    expect(new Set(rest.results.map(({ result }) => result.room_id))).toEqual(new Set([rooms[1]]))
    expect([...group.results, ...ids(rest)].toSorted()).toEqual(
      sent.filter((_, index) => index % 2 === 1).toSorted(),
    )
  }
  const ofBob = await search(alice, 'paging', { filter: { rooms, senders: [bob.userId] } })
  expect(ids(ofBob)).toEqual([sent[0]])
  expect((await search(alice, 'paging', { filter: { rooms, not_senders: [alice.userId] } })).count).toBe(1)
  expect((await search(bob, 'paging')).count).toBe(7)
})

it('shows what stands around a result, profiles and state', async () => {
  await alice.call('PUT', `/profile/${alice.userId}/displayname`, { displayname: 'Alice Liddell' })
  const room = await alice.createRoom({ name: 'Surroundings' })
  const sent: string[] = []
  for (let index = 1; index <= 7; index++) sent.push(await alice.say(room, `context number ${index}`))
  const found = await search(alice, 'context 4', {
    order_by: 'recent',
    filter: { limit: 1, rooms: [room] },
    event_context: { before_limit: 2, after_limit: 2, include_profile: true },
    include_state: true,
  })
  expect(found).toMatchObject({ count: 1, next_batch: expect.any(String) })
  const context = found.results[0]!.context!
  const bodies = (key: string): unknown[] =>
    (context[key] as { content: Json; event_id: string }[]).map((event) => event.event_id)
  expect(bodies('events_before')).toEqual([sent[2], sent[1]])
  expect(bodies('events_after')).toEqual([sent[4], sent[5]])
  expect(context['profile_info']).toEqual({ [alice.userId]: { displayname: 'Alice Liddell' } })
  const state = found.state![room]!
  expect(state.map(({ type }) => type)).toEqual(expect.arrayContaining(['m.room.name', 'm.room.member']))
  const messages = await alice.call(
    'GET',
    `/rooms/${encodeURIComponent(room)}/messages?dir=b&limit=1&from=${String(context['start'])}`,
  )
  expect((messages['chunk'] as { event_id: string }[])[0]!.event_id).toBe(sent[0])
})
