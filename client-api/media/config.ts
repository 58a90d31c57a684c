import type { Session } from '../../homeserver/accounts/sessions.ts'
import { json } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import type { MediaServices } from '../../homeserver/media/media-services.ts'

/** `GET /_matrix/client/v1/media/config`: what may be uploaded. */
export function getMediaConfig({ config }: MediaServices): Handler<Session> {
  const answer = json({ 'm.upload.size': config.maxUploadBytes })
  return () => answer
}
