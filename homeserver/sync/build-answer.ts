import { answerText } from './answer-text.ts'
import { beginAnswer } from './begin-answer.ts'
import { buildRooms } from './build-rooms.ts'
import type { ChangeSource } from './change-source.ts'
import type { SyncRequest } from './sync-request.ts'
import type { SyncServices } from './sync-services.ts'
import type { StreamToken } from './tokens.ts'
import type { UserView } from './user-view.ts'

/** An answer that may be given at once, or thrown away while there is still time to wait. */
export interface SyncAnswer {
  readonly text: string
  readonly hasNews: boolean
  /** Where the next answer begins. */
  readonly next: StreamToken
}

/** Builds the answer to a sync as of now, with as many queries for many rooms as for one. */
export async function buildAnswer(
  services: SyncServices,
  source: ChangeSource,
  request: SyncRequest,
  view: UserView,
): Promise<SyncAnswer> {
  const begun = await beginAnswer(services, source, request, view)
  const { join, leave } = await buildRooms(services, source, request, view, begun, begun.plans)
  const { accountData, invite, knock, provided, next } = begun
  const hasNews =
    provided.hasNews || [accountData, join, leave, invite, knock].some((list) => list.length > 0)
  return { text: answerText(begun, { join, leave }), hasNews, next }
}
