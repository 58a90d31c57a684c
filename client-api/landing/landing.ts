import { declareRoutes, type Routes } from '../../homeserver/http/endpoint.ts'
import { escapeHtml } from '../../homeserver/http/escape-html.ts'
import type { AccountApiContext } from '../context.ts'
import { htmlPage } from '../fallback/html-page.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'

const ROBOTS = 'User-agent: *\nDisallow: /\n'

/** What people see who open the server's address in a browser, and what search engines shall not see. */
export function landingRoutes({ config }: AccountApiContext, { open }: ClientEndpoints): Routes {
  const page = htmlPage({
    title: 'Meridian is running',
    body: `<p>This is the Matrix server of <strong>${escapeHtml(config.serverName)}</strong>.</p>
<p>To use it, open a <a href="https://matrix.org/ecosystem/clients/">Matrix client</a> and enter this server's name.</p>`,
  })
  const headers = { 'content-type': 'text/plain; charset=utf-8' }
  return declareRoutes()
    .get(
      '/',
      open(() => page),
    )
    .get(
      '/robots.txt',
      open(() => ({ status: 200, headers, body: { bytes: ROBOTS } })),
    )
}
