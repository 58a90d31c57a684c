import { ANSWER_END, answerStart, BETWEEN_SECTIONS } from './answer-text.ts'
import type { BegunAnswer } from './begin-answer.ts'
import type { RoomTexts } from './build-rooms.ts'
import { ChunkWriter } from './chunk-writer.ts'
import type { RoomPlan } from './skeleton.ts'

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
  const writer = new ChunkWriter()
  yield* writer.push(answerStart(begun))
  let section: keyof RoomTexts = 'leave'
  let isFirst = true
  for (const group of groups) {
    const { leave, join } = await build(group)
    for (const [name, rooms] of Object.entries({ leave, join })) {
      if (name === 'join' && section === 'leave' && rooms.length > 0) {
        yield* writer.push(BETWEEN_SECTIONS)
        section = 'join'
        isFirst = true
      }
      for (const room of rooms) {
        if (!isFirst) yield* writer.push(',')
        isFirst = false
        for (const piece of room) {
          const full = writer.push(piece)
          if (full.length > 0) yield* full
        }
      }
    }
  }
  if (section === 'leave') yield* writer.push(BETWEEN_SECTIONS)
  yield* writer.push(ANSWER_END)
  yield* writer.flush()
  return undefined
}
