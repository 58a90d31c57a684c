import { backUpKeys, forgetKeys, requireBackup } from '../../../e2ee/backup/key-backup.ts'
import { keyText, roomsChunks, sessionsChunks } from '../../../e2ee/backup/key-texts.ts'
import { readKey, readRooms, readSessions } from '../../../e2ee/backup/read-keys.ts'
import type { Session } from '../../../homeserver/accounts/sessions.ts'
import { json, jsonText, type Answer } from '../../../homeserver/http/answer.ts'
import type { Handler } from '../../../homeserver/http/endpoint.ts'
import type { IncomingRequest } from '../../../homeserver/http/incoming-request.ts'
import { jsonChunks } from '../../../homeserver/http/json-chunks.ts'
import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import type { JsonObject } from '../../../protocol/json/value.ts'
import {
  readBackedUpKeys,
  type BackedUpKey,
  type BackupState,
  type KeyScope,
} from '../../../storage/e2ee/backed-up-keys.ts'
import type { AccountApiContext } from '../../context.ts'

/** Of which keys an endpoint speaks. */
export type BackupScope = 'all' | 'room' | 'session'

/** Some thousand keys of about a kilobyte. */
const MAX_BODY_BYTES = 16 * 1024 * 1024

/** `PUT /room_keys/keys[/{roomId}[/{sessionId}]]` (client-server API, "Server-side key backups"). */
export function putKeys({ queries }: AccountApiContext, scope: BackupScope): Handler<Session> {
  return async (request, { userNid }) => {
    const version = versionOf(request)
    const keys = readBody(request, scope, await request.object({ maxBytes: MAX_BODY_BYTES }))
    return stateAnswer(await backUpKeys(queries, userNid, version, keys))
  }
}

/** `GET` of the same. */
export function getKeys({ queries }: AccountApiContext, scope: BackupScope): Handler<Session> {
  return async (request, { userNid }) => {
    const { version } = await requireBackup(queries, userNid, versionOf(request))
    if (scope === 'all') return jsonChunks(roomsChunks(queries, userNid, version))
    if (scope === 'room') {
      return jsonChunks(sessionsChunks(queries, userNid, version, request.param('roomId')))
    }
    const [key] = await readBackedUpKeys(queries, userNid, version, scopeOf(request, scope), { limit: 1 })
    if (key) return jsonText(keyText(key))
    throw new MatrixError(404, 'M_NOT_FOUND', 'This key is not in the backup')
  }
}

/** `DELETE` of the same. */
export function deleteKeys({ queries }: AccountApiContext, scope: BackupScope): Handler<Session> {
  return async (request, { userNid }) =>
    stateAnswer(await forgetKeys(queries, userNid, versionOf(request), scopeOf(request, scope)))
}

function scopeOf(request: IncomingRequest, scope: BackupScope): KeyScope {
  if (scope === 'all') return {}
  const roomId = request.param('roomId')
  return scope === 'room' ? { roomId } : { roomId, sessionId: request.param('sessionId') }
}

function readBody(request: IncomingRequest, scope: BackupScope, body: JsonObject): BackedUpKey[] {
  if (scope === 'all') return readRooms(body)
  if (scope === 'room') return readSessions(request.param('roomId'), body)
  return [readKey(request.param('roomId'), request.param('sessionId'), body)]
}

function versionOf(request: IncomingRequest): string {
  const version = request.query('version')
  if (version !== undefined) return version
  throw new MatrixError(400, 'M_MISSING_PARAM', '`version` is missing')
}

function stateAnswer({ etag, keyCount }: BackupState): Answer {
  return json({ etag: String(etag), count: keyCount })
}
