import { clientTitle, type ClientMetadata } from '../../../homeserver/oauth/client-metadata.ts'
import { html, type Html } from './html.ts'

/**
 * What users should know of an application before they let it in. Its name is its own claim; the host of its home
 * page is what its redirect URIs have been checked against.
 */
export function clientFacts(metadata: ClientMetadata, deviceId: string, redirectUri?: string): Html {
  const { client_uri: home, tos_uri: terms, policy_uri: policy } = metadata
  return html`<p>
      <strong>${clientTitle(metadata)}</strong> of
      <a href="${home}" rel="noreferrer">${new URL(home).host}</a> wants full access to your account: it will
      read and send messages as you.
    </p>
    <dl>
      <dt>New session</dt>
      <dd>${deviceId}</dd>
      ${
        redirectUri !== undefined &&
        html`<dt>You will return to</dt>
          <dd>${redirectUri}</dd>`
      }
    </dl>
    <p>
      ${terms !== undefined && html`<a href="${terms}" rel="noreferrer">Terms of service</a> `}
      ${policy !== undefined && html`<a href="${policy}" rel="noreferrer">Privacy policy</a>`}
    </p>`
}
