import { ANSWER_END, answerStart, BETWEEN_SECTIONS } from './answer-text.ts'
import type { BegunAnswer } from './begin-answer.ts'
import type { RoomTexts } from './build-rooms.ts'
import { ChunkWriter } from './chunk-writer.ts'
import type { RoomPlan } from './skeleton.ts'
import type { Turns } from './turns.ts'

/**
 * The text of an answer in chunks. A group of rooms is built when all before it has been taken, so that no more than
 * one waits for a client that reads slowly.
 *
 * @param groups left rooms before joined ones.
 * @param turns how many groups of all answers are built at once. A turn lasts until the texts are bytes, so that
 *   nothing but bytes waits for a client.
 */
export async function* answerChunks(
  begun: BegunAnswer,
  groups: readonly (readonly RoomPlan[])[],
  build: (group: readonly RoomPlan[]) => Promise<RoomTexts>,
  turns: Turns,
): AsyncGenerator<Buffer, undefined> {
  const writer = new RoomsWriter()
  yield* writer.write(answerStart(begun))
  for (const group of groups) yield* await turns.take(async () => writer.writeRooms(await build(group)))
  yield* writer.end()
  return undefined
}

/** Writes rooms into their sections: left ones, then joined ones. */
class RoomsWriter {
  readonly #writer = new ChunkWriter()
  #section: keyof RoomTexts = 'leave'
  #isFirst = true

  write(text: string): readonly Buffer[] {
    return this.#writer.push(text)
  }

  writeRooms({ leave, join }: RoomTexts): Buffer[] {
    const chunks = this.#writeList(leave)
    if (join.length > 0) chunks.push(...this.#beginJoined(), ...this.#writeList(join))
    return chunks
  }

  end(): Buffer[] {
    return [...this.#beginJoined(), ...this.#writer.push(ANSWER_END), ...this.#writer.flush()]
  }

  #beginJoined(): readonly Buffer[] {
    if (this.#section === 'join') return []
    this.#section = 'join'
    this.#isFirst = true
    return this.#writer.push(BETWEEN_SECTIONS)
  }

  #writeList(rooms: RoomTexts['join']): Buffer[] {
    const chunks: Buffer[] = []
    for (const room of rooms) {
      if (!this.#isFirst) chunks.push(...this.#writer.push(','))
      this.#isFirst = false
      for (const piece of room) chunks.push(...this.#writer.push(piece))
    }
    return chunks
  }
}
