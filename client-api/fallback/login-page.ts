import type { Answer } from '../../homeserver/http/answer.ts'
import { htmlPage } from './html-page.ts'
import { LOGIN_SCRIPT } from './login-script.ts'

const BODY = `<p role="alert" id="status"></p>
<form id="password-form" hidden>
<label for="user">User name</label><input id="user" name="user" autocomplete="username" required>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button>Log in</button></form>
<p id="sso" hidden><a id="sso-link">Log in by single sign-on</a></p>
<noscript>This page needs JavaScript.</noscript>`

/** `GET /_matrix/static/client/login/`: the whole login in a browser (client-server API, "Login Fallback"). */
export function loginPage(): Answer {
  const sources = { 'connect-src': "'self'" }
  return htmlPage({ title: 'Log in', body: BODY, script: LOGIN_SCRIPT, sources })
}
