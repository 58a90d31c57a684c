import { beginBackup, changeBackup, requireBackup, versionNumber } from '../../../e2ee/backup/key-backup.ts'
import type { Session } from '../../../homeserver/accounts/sessions.ts'
import { json, jsonText, nothing } from '../../../homeserver/http/answer.ts'
import type { Handler } from '../../../homeserver/http/endpoint.ts'
import { MatrixError } from '../../../protocol/errors/matrix-error.ts'
import { deleteBackup } from '../../../storage/e2ee/key-backups.ts'
import type { AccountApiContext } from '../../context.ts'

/** `POST /room_keys/version` (client-server API, "Server-side key backups"). */
export function postBackup({ queries }: AccountApiContext): Handler<Session> {
  return async (request, { userNid }) => {
    const version = await beginBackup(queries, userNid, await request.object())
    return json({ version: String(version) })
  }
}

/** `GET /room_keys/version`, the newest one. */
export function getNewestBackup({ queries }: AccountApiContext): Handler<Session> {
  return async (_request, { userNid }) => backupAnswer(await requireBackup(queries, userNid))
}

/** `GET /room_keys/version/{version}`. */
export function getBackup({ queries }: AccountApiContext): Handler<Session> {
  return async (request, { userNid }) =>
    backupAnswer(await requireBackup(queries, userNid, request.param('version')))
}

/** `PUT /room_keys/version/{version}`. */
export function putBackup({ queries }: AccountApiContext): Handler<Session> {
  return async (request, { userNid }) => {
    await changeBackup(queries, userNid, request.param('version'), await request.object())
    return nothing()
  }
}

/** `DELETE /room_keys/version/{version}`: it succeeds also for one that has been deleted. */
export function removeBackup({ queries }: AccountApiContext): Handler<Session> {
  return async (request, { userNid }) => {
    if (await deleteBackup(queries, userNid, versionNumber(request.param('version')))) return nothing()
    throw new MatrixError(404, 'M_NOT_FOUND', 'There is no such backup')
  }
}

function backupAnswer(backup: Awaited<ReturnType<typeof requireBackup>>) {
  const { algorithm, authData, keyCount, etag, version } = backup
  const rest = JSON.stringify({ algorithm, count: keyCount, etag: String(etag), version: String(version) })
  return jsonText(`{"auth_data":${authData},${rest.slice(1)}`)
}
