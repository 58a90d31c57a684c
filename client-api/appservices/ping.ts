import { pingService } from '../../homeserver/appservices/client/ping-service.ts'
import { json } from '../../homeserver/http/answer.ts'
import type { Handler } from '../../homeserver/http/endpoint.ts'
import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { ClientApiContext } from '../context.ts'
import type { AppServiceSession } from '../http/client-endpoints.ts'
import { optionalText } from '../http/body-fields.ts'

/** `POST /appservice/{appserviceId}/ping` (application service API, "Pinging"). */
export function pingAppService({ accounts: { appServices } }: ClientApiContext): Handler<AppServiceSession> {
  return async (request, { appService }) => {
    if (request.param('appserviceId') !== appService.id) {
      throw new MatrixError(403, 'M_FORBIDDEN', 'This is the id of another application service')
    }
    const transactionId = optionalText(await request.optionalObject(), 'transaction_id')
    const durationMs = await pingService(appServices.client, appService, transactionId)
    appServices.heardFrom(appService)
    return json({ duration_ms: durationMs })
  }
}
