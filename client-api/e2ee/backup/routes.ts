import { declareRoutes, type Routes } from '../../../homeserver/http/endpoint.ts'
import type { AccountApiContext } from '../../context.ts'
import type { ClientEndpoints } from '../../http/client-endpoints.ts'
import { deleteKeys, getKeys, putKeys } from './backup-keys.ts'
import { getBackup, getNewestBackup, postBackup, putBackup, removeBackup } from './backup-versions.ts'

const VERSION = '/_matrix/client/v3/room_keys/version'
const KEYS = '/_matrix/client/v3/room_keys/keys'

/** Backups of room keys (client-server API, "Server-side key backups"). */
export function backupRoutes(context: AccountApiContext, { user }: ClientEndpoints): Routes {
  const routes = declareRoutes()
    .post(VERSION, user(postBackup(context)))
    .get(VERSION, user(getNewestBackup(context)))
    .get(`${VERSION}/:version`, user(getBackup(context)))
    .put(`${VERSION}/:version`, user(putBackup(context)))
    .delete(`${VERSION}/:version`, user(removeBackup(context)))
  const scopes = [
    ['all', KEYS],
    ['room', `${KEYS}/:roomId`],
    ['session', `${KEYS}/:roomId/:sessionId`],
  ] as const
  for (const [scope, path] of scopes) {
    routes
      .get(path, user(getKeys(context, scope)))
      .put(path, user(putKeys(context, scope)))
      .delete(path, user(deleteKeys(context, scope)))
  }
  return routes
}
