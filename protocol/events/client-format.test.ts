import { describe, expect, it } from 'vitest'
import { parseJson } from '../json/parse.ts'
import { toClientEvent } from './client-format.ts'
import { redactEvent } from './redact.ts'
import { MAX_STRIPPED_STATE_EVENTS, readStrippedState, toStrippedState } from './stripped-state.ts'
import { eventOf, objectOf, versionOf } from './test-events.ts'

describe('toClientEvent', () => {
  it('shows the keys of clients and no others', () => {
    const event = eventOf(versionOf('12'), { stateKey: '' })
    const client = toClientEvent(event, 'sync', { age: 1 })
    expect(client).toEqual({
      type: 'm.room.message',
      sender: '@alice:domain',
      content: { msgtype: 'm.text', body: 'Hi' },
      event_id: event.eventId,
      origin_server_ts: 1_700_000_000_000,
      state_key: '',
      unsigned: { age: 1 },
    })
    expect(toClientEvent(event, 'full')).toMatchObject({ room_id: event.roomId })
    expect(toClientEvent(eventOf(versionOf('12')), 'full')).not.toHaveProperty('state_key')
  })

  it.each(['10', '11'])('shows redacts in both places in version %s', (id) => {
    const event = eventOf(versionOf(id), {
      type: 'm.room.redaction',
      content: { reason: 'spam' },
      redacts: '$a',
    })
    expect(toClientEvent(event, 'sync')).toMatchObject({
      redacts: '$a',
      content: { redacts: '$a', reason: 'spam' },
    })
    expect(event.content).toEqual(id === '11' ? { redacts: '$a', reason: 'spam' } : { reason: 'spam' })
  })

  it('shows a redacted event without what was redacted', () => {
    const event = redactEvent(eventOf(versionOf('10'), { type: 'm.room.redaction', redacts: '$a' }))
    expect(toClientEvent(event, 'sync')).not.toHaveProperty('redacts')
    expect(toClientEvent(event, 'sync')['content']).toEqual({})
  })

  it('gives the create event of version 12 its room id', () => {
    const create = { type: 'm.room.create', stateKey: '', roomId: undefined, prevEvents: [], authEvents: [] }
    const event = eventOf(versionOf('12'), create)
    expect(toClientEvent(event, 'full')['room_id']).toBe(`!${event.eventId.slice(1)}`)
  })

  it('prints the numbers of old rooms as they came', () => {
    const event = eventOf(versionOf('5'), { content: objectOf('{"a":1.50,"b":12345678901234567890}') })
    expect(JSON.stringify(toClientEvent(event, 'sync'))).toContain('{"a":1.50,"b":12345678901234567890}')
  })
})

describe('stripped state', () => {
  it('prunes full events', () => {
    const event = eventOf(versionOf('12'), { type: 'm.room.name', stateKey: '', content: { name: 'N' } })
    const stripped = { type: 'm.room.name', state_key: '', sender: '@alice:domain', content: { name: 'N' } }
    expect(toStrippedState(event)).toEqual(stripped)
    expect(readStrippedState([{ ...event.pdu, unsigned: { x: 1 } }, stripped])).toEqual([stripped, stripped])
  })

  it('keeps the time of the create event', () => {
    const create = { type: 'm.room.create', stateKey: '', roomId: undefined, prevEvents: [], authEvents: [] }
    const event = eventOf(versionOf('12'), create)
    const stripped = toStrippedState(event)
    expect(stripped['origin_server_ts']).toBe(event.originServerTs)
    expect(readStrippedState([event.pdu, stripped])).toEqual([stripped, stripped])
    const { origin_server_ts: _, ...timeless } = stripped
    expect(readStrippedState([{ ...stripped, origin_server_ts: 'x' }])).toEqual([timeless])
  })

  it('leaves out what is malformed', () => {
    const good = { type: 'a', state_key: '', sender: '@a:b', content: {} }
    for (const text of ['null', '{}', '"x"', '[null,1,[],{}]'])
      expect(readStrippedState(parseJson(text))).toEqual([])
    const bad = [
      { type: 1 },
      { type: 'a'.repeat(256) },
      { state_key: null },
      { sender: 'x' },
      { content: [] },
    ]
    expect(readStrippedState(bad.map((fields) => ({ ...good, ...fields })))).toEqual([])
    expect(readStrippedState(undefined)).toEqual([])
  })

  it('is bounded', () => {
    const good = { type: 'a', state_key: '', sender: '@a:b', content: {} }
    expect(readStrippedState(Array(1000).fill(good))).toHaveLength(MAX_STRIPPED_STATE_EVENTS)
    const huge = { ...good, content: { x: 'x'.repeat(200_000) } }
    expect(readStrippedState([huge, good])).toEqual([good])
  })
})
