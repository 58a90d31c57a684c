import { declareRoutes, type Routes } from '../../../homeserver/http/endpoint.ts'
import type { AccountApiContext } from '../../context.ts'
import type { ClientEndpoints } from '../../http/client-endpoints.ts'
import { deleteKeys, getKeys, putKeys } from './backup-keys.ts'
import { getBackup, getNewestBackup, postBackup, putBackup, removeBackup } from './backup-versions.ts'

const VERSION = '/_matrix/client/v3/room_keys/version'
const KEYS = '/_matrix/client/v3/room_keys/keys'

/** Backups of room keys (client-server API, "Server-side key backups"). */
export function backupRoutes(context: AccountApiContext, { user }: ClientEndpoints): Routes {
  return declareRoutes()
    .post(VERSION, user(postBackup(context)))
    .get(VERSION, user(getNewestBackup(context)))
    .get(`${VERSION}/:version`, user(getBackup(context)))
    .put(`${VERSION}/:version`, user(putBackup(context)))
    .delete(`${VERSION}/:version`, user(removeBackup(context)))
    .get(KEYS, user(getKeys(context, 'all')))
    .put(KEYS, user(putKeys(context, 'all')))
    .delete(KEYS, user(deleteKeys(context, 'all')))
    .get(`${KEYS}/:roomId`, user(getKeys(context, 'room')))
    .put(`${KEYS}/:roomId`, user(putKeys(context, 'room')))
    .delete(`${KEYS}/:roomId`, user(deleteKeys(context, 'room')))
    .get(`${KEYS}/:roomId/:sessionId`, user(getKeys(context, 'session')))
    .put(`${KEYS}/:roomId/:sessionId`, user(putKeys(context, 'session')))
    .delete(`${KEYS}/:roomId/:sessionId`, user(deleteKeys(context, 'session')))
}
