import { ANSWER_END, answerStart, BETWEEN_SECTIONS } from './answer-text.ts'
import type { BegunAnswer } from './begin-answer.ts'
import type { RoomTexts } from './build-rooms.ts'
import type { RoomPlan } from './skeleton.ts'

/** Characters that are handed on together: fewer writes than rooms, and little that waits for a slow reader. */
const CHUNK_CHARACTERS = 64 * 1024

/**
 * The text of an answer in chunks. A group of rooms is built when all before it has been taken, so that no more than
 * one waits for a client that reads slowly.
 *
 * @param groups left rooms before joined ones.
 */
export async function* answerChunks(
  begun: BegunAnswer,
  groups: readonly (readonly RoomPlan[])[],
  build: (group: readonly RoomPlan[]) => Promise<RoomTexts>,
): AsyncGenerator<Buffer, undefined> {
  let pending = answerStart(begun)
  let section: keyof RoomTexts = 'leave'
  let isFirst = true
  for (const group of groups) {
    const texts = await build(group)
    for (const [name, rooms] of [
      ['leave', texts.leave],
      ['join', texts.join],
    ] as const) {
      if (name === 'join' && section === 'leave' && rooms.length > 0) {
        pending += BETWEEN_SECTIONS
        section = 'join'
        isFirst = true
      }
      for (const room of rooms) {
        if (!isFirst) pending += ','
        isFirst = false
        for (const piece of room) {
          if (typeof piece === 'string') pending += piece
          if (typeof piece === 'string' && pending.length < CHUNK_CHARACTERS) continue
          if (pending !== '') yield Buffer.from(pending)
          pending = ''
          if (typeof piece !== 'string') yield piece
        }
      }
    }
  }
  if (section === 'leave') pending += BETWEEN_SECTIONS
  yield Buffer.from(pending + ANSWER_END)
  return undefined
}
