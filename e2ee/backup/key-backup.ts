import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isJsonObject, ownValue, type JsonObject } from '../../protocol/json/value.ts'
import type { Queries } from '../../storage/database.ts'
import {
  deleteBackedUpKeys,
  putBackedUpKeys,
  type BackedUpKey,
  type BackupState,
  type KeyScope,
} from '../../storage/e2ee/backed-up-keys.ts'
import { createBackup, findBackup, setBackupData, type KeyBackup } from '../../storage/e2ee/key-backups.ts'
import type { UserNid } from '../../storage/numeric-ids.ts'
import { MAX_AUTH_DATA_LENGTH, MAX_BACKUPS_A_USER, MAX_KEYS_A_BACKUP } from './backup-limits.ts'
import { checkName } from './read-keys.ts'

/** Begins a new version of a user's backup. @returns its number. @throws MatrixError 400, 413. */
export async function beginBackup(queries: Queries, userNid: UserNid, body: JsonObject): Promise<number> {
  const backup = readBackup(body)
  const version = await createBackup(queries, userNid, backup, MAX_BACKUPS_A_USER)
  if (version !== undefined) return version
  throw new MatrixError(
    400,
    'M_LIMIT_EXCEEDED',
    `A user has ${MAX_BACKUPS_A_USER} versions of the backup at most; delete old ones`,
  )
}

/** A version of a user's backup, the newest unless one is named. @throws MatrixError 404. */
export async function requireBackup(
  queries: Queries,
  userNid: UserNid,
  version?: string,
): Promise<KeyBackup> {
  const number = version === undefined ? undefined : versionNumber(version)
  const backup = await findBackup(queries, userNid, number)
  if (!backup) throw noBackup()
  return backup
}

/** Gives a version other `auth_data`. @throws MatrixError 400 for another algorithm or version, 404, 413. */
export async function changeBackup(
  queries: Queries,
  userNid: UserNid,
  version: string,
  body: JsonObject,
): Promise<void> {
  const { algorithm, authData } = readBackup(body)
  const known = await requireBackup(queries, userNid, version)
  const named = ownValue(body, 'version')
  if (named !== undefined && named !== version) {
    throw new MatrixError(400, 'M_INVALID_PARAM', 'The version in the body is not the one in the path')
  }
  if (algorithm !== known.algorithm) {
    throw new MatrixError(400, 'M_INVALID_PARAM', 'The algorithm of a backup cannot be changed')
  }
  if (!(await setBackupData(queries, userNid, known.version, authData))) throw noBackup()
}

/** Puts keys into the newest version. @throws MatrixError 403 M_WRONG_ROOM_KEYS_VERSION, 404, 413. */
export async function backUpKeys(
  queries: Queries,
  userNid: UserNid,
  version: string,
  keys: readonly BackedUpKey[],
): Promise<BackupState> {
  const state = await putBackedUpKeys(queries, userNid, versionNumber(version), keys, MAX_KEYS_A_BACKUP)
  if (state === 'full') {
    throw new MatrixError(413, 'M_TOO_LARGE', `A backup holds ${MAX_KEYS_A_BACKUP} keys at most`)
  }
  if (state) return state
  const newest = await requireBackup(queries, userNid)
  await requireBackup(queries, userNid, version)
  throw new MatrixError(403, 'M_WRONG_ROOM_KEYS_VERSION', 'This is not the newest version of the backup', {
    current_version: String(newest.version),
  })
}

/** Deletes keys of a version. @throws MatrixError 404. */
export async function forgetKeys(
  queries: Queries,
  userNid: UserNid,
  version: string,
  scope: KeyScope,
): Promise<BackupState> {
  const state = await deleteBackedUpKeys(queries, userNid, versionNumber(version), scope)
  if (!state) throw noBackup()
  return state
}

/** @throws MatrixError 404 for what is no number that a version can have. */
export function versionNumber(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text)
  throw noBackup()
}

function readBackup(body: JsonObject): Pick<KeyBackup, 'algorithm' | 'authData'> {
  const algorithm = ownValue(body, 'algorithm')
  const authData = ownValue(body, 'auth_data')
  for (const [key, value] of Object.entries({ algorithm, auth_data: authData })) {
    if (value === undefined) throw new MatrixError(400, 'M_MISSING_PARAM', `\`${key}\` is missing`)
  }
  if (typeof algorithm !== 'string') throw new MatrixError(400, 'M_BAD_JSON', '`algorithm` must be a text')
  if (!isJsonObject(authData)) throw new MatrixError(400, 'M_BAD_JSON', '`auth_data` must be an object')
  checkName(algorithm, 'An algorithm')
  const text = JSON.stringify(authData)
  if (text.length <= MAX_AUTH_DATA_LENGTH) return { algorithm, authData: text }
  throw new MatrixError(413, 'M_TOO_LARGE', '`auth_data` is too long')
}

function noBackup(): MatrixError {
  return new MatrixError(404, 'M_NOT_FOUND', 'There is no such backup')
}
