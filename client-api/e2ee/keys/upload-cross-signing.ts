import { checkCrossSigningUpload } from '../../../e2ee/keys/upload-cross-signing.ts'
import type { Session } from '../../../homeserver/accounts/sessions.ts'
import { nothing } from '../../../homeserver/http/answer.ts'
import type { Handler } from '../../../homeserver/http/endpoint.ts'
import { isOAuthSession } from '../../../homeserver/oauth/oauth-sessions.ts'
import type { ClientApiContext } from '../../context.ts'
import { requirePassword } from '../../http/require-password.ts'
import { requireResetApproval } from '../../oauth/require-reset-approval.ts'

/** `POST /keys/device_signing/upload`: a user's cross-signing keys, whose replacement the user must prove to mean. */
export function uploadCrossSigningKeys(context: ClientApiContext): Handler<Session> {
  const { accounts, e2ee } = context
  return async (request, session) => {
    const body = await request.object()
    const upload = await checkCrossSigningUpload(e2ee.keys, session, body)
    // Application services need none (application service API, "Cross-signing").
    if (upload.needsProof && !session.appService) {
      const ask = (await isOAuthSession(accounts, session))
        ? await requireResetApproval(context, request, session)
        : await requirePassword(accounts, session, body, 'cross-signing', { recentIsEnough: true })
      if (ask) return ask
    }
    await upload.store()
    return nothing()
  }
}
