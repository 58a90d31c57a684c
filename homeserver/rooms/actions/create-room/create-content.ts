import { MatrixError } from '../../../../protocol/errors/matrix-error.ts'
import { isUserId } from '../../../../protocol/identifiers/user-id.ts'
import { ownValue, type JsonObject } from '../../../../protocol/json/value.ts'
import type { RoomVersionRules } from '../../../../protocol/room-versions/rules.ts'
import type { RoomWish } from './room-wish.ts'

/** The parts of a wish that the create event says. */
export type CreationWish = Pick<RoomWish, 'creationContent' | 'preset' | 'invite'>

/** The content of a room's create event. @throws MatrixError 400 for `additional_creators` that are no user ids. */
export function createContent(version: RoomVersionRules, creator: string, wish: CreationWish): JsonObject {
  const { creator: _, ...wanted } = wish.creationContent
  const content: JsonObject = { ...wanted, room_version: version.id }
  if (version.creators === 'content') content['creator'] = creator
  if (!version.privilegedCreators) return content
  const additional = additionalCreators(creator, wish)
  if (additional.length > 0) content['additional_creators'] = [...additional]
  return content
}

/** Those named, and with a trusted chat all who are invited (`rooms/v12.md`; `POST /createRoom`). */
function additionalCreators(creator: string, wish: CreationWish): readonly string[] {
  const named = ownValue(wish.creationContent, 'additional_creators') ?? []
  if (!Array.isArray(named)) throw invalidCreators()
  const creators = named.map((userId) => {
    if (typeof userId !== 'string' || !isUserId(userId)) throw invalidCreators()
    return userId
  })
  const trusted = wish.preset === 'trusted_private_chat' ? wish.invite : []
  return [...new Set([...creators, ...trusted])].filter((userId) => userId !== creator)
}

function invalidCreators(): MatrixError {
  return new MatrixError(400, 'M_INVALID_PARAM', '`additional_creators` must be a list of user ids')
}
