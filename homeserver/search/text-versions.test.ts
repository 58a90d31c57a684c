import { expect, test } from 'vitest'
import type { JsonObject } from '../../protocol/json/value.ts'
import type { EventNid } from '../../storage/numeric-ids.ts'
import { versionsOf, type Told } from './text-versions.ts'

/** An event at a place of the history; edits say what they replace it by. */
function event(eventNid: number, historyPos: number, text: string, edits = false): Told {
  const content: JsonObject = edits ? { 'm.new_content': { body: text } } : { body: text }
  return { eventNid: eventNid as EventNid, historyPos, event: { content } }
}

const shown = (message: Told, newestFirst: readonly Told[]) =>
  versionsOf(message, newestFirst).map(({ content, textPos, replacedPos }) => [
    (content as { body: string }).body,
    textPos,
    replacedPos,
  ])

test('each version lasts until the next', () => {
  const edits = [event(3, 30, 'third', true), event(2, 20, 'second', true)]
  expect(shown(event(1, 10, 'first'), edits)).toEqual([
    ['first', 10, 20],
    ['second', 20, 30],
    ['third', 30, undefined],
  ])
})

test('an edit that comes late and counts less changes nothing', () => {
  const edits = [event(2, 20, 'newest', true), event(3, 30, 'older', true)]
  expect(shown(event(1, 10, 'first'), edits)).toEqual([
    ['first', 10, 20],
    ['newest', 20, undefined],
  ])
})

test('an edit that history has before its event leaves nothing of that', () => {
  expect(shown(event(1, 10, 'first'), [event(2, 5, 'edited', true)])).toEqual([['edited', 10, undefined]])
})
