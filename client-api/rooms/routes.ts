import { declareRoutes, type Routes } from '../../homeserver/http/endpoint.ts'
import type { ClientApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'
import { postCreateRoom } from './create-room.ts'
import { postJoin, postKnock, postRoomJoin } from './enter-room.ts'
import { getJoinedRooms } from './get-joined-rooms.ts'
import { getJoinedMembers, getMembers } from './get-members.ts'
import { getKeylessState, getState, getStateAt } from './get-state.ts'
import { postInvite } from './invite.ts'
import { postForget, postLeave } from './leave-room.ts'
import { postBan, postKick, postUnban } from './moderate.ts'
import { putRedaction } from './redact-event.ts'
import { putMessage } from './send-message.ts'
import { putKeylessState, putState } from './set-state.ts'

const V3 = '/_matrix/client/v3'
const ROOM = `${V3}/rooms/:roomId`

/** Rooms: making them, coming and going, writing, and reading their state. */
export function roomRoutes(context: ClientApiContext, { guest, user }: ClientEndpoints): Routes {
  return declareRoutes()
    .post(`${V3}/createRoom`, user(postCreateRoom(context)))
    .post(`${V3}/join/:roomIdOrAlias`, guest(postJoin(context)))
    .post(`${V3}/knock/:roomIdOrAlias`, user(postKnock(context)))
    .get(`${V3}/joined_rooms`, guest(getJoinedRooms(context)))
    .post(`${ROOM}/join`, guest(postRoomJoin(context)))
    .post(`${ROOM}/leave`, guest(postLeave(context)))
    .post(`${ROOM}/forget`, guest(postForget(context)))
    .post(`${ROOM}/invite`, user(postInvite(context)))
    .post(`${ROOM}/kick`, user(postKick(context)))
    .post(`${ROOM}/ban`, user(postBan(context)))
    .post(`${ROOM}/unban`, user(postUnban(context)))
    .put(`${ROOM}/send/:eventType/:txnId`, guest(putMessage(context)))
    .put(`${ROOM}/redact/:eventId/:txnId`, guest(putRedaction(context)))
    .get(`${ROOM}/state`, guest(getState(context)))
    .get(`${ROOM}/state/:eventType`, guest(getKeylessState(context)))
    .get(`${ROOM}/state/:eventType/`, guest(getKeylessState(context)))
    .get(`${ROOM}/state/:eventType/:stateKey`, guest(getStateAt(context)))
    .put(`${ROOM}/state/:eventType`, guest(putKeylessState(context)))
    .put(`${ROOM}/state/:eventType/`, guest(putKeylessState(context)))
    .put(`${ROOM}/state/:eventType/:stateKey`, guest(putState(context)))
    .get(`${ROOM}/members`, guest(getMembers(context)))
    .get(`${ROOM}/joined_members`, guest(getJoinedMembers(context)))
}
