import { declareRoutes, type Routes } from '../../homeserver/http/endpoint.ts'
import type { AccountApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'
import { checkUsername } from './check-username.ts'
import { register } from './register.ts'
import { registerBySharedSecret, registrationNonce } from './shared-secret-registration.ts'
import { tokenValidity } from './token-validity.ts'

/** Making accounts. */
export function registrationRoutes(context: AccountApiContext, { open }: ClientEndpoints): Routes {
  return declareRoutes()
    .post('/_matrix/client/v3/register', open(register(context)))
    .get('/_matrix/client/v3/register/available', open(checkUsername(context)))
    .get('/_matrix/client/v1/register/m.login.registration_token/validity', open(tokenValidity(context)))
    .get('/_synapse/admin/v1/register', open(registrationNonce(context)))
    .post('/_synapse/admin/v1/register', open(registerBySharedSecret(context)))
}
