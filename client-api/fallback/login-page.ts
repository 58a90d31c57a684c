import type { Answer } from '../../homeserver/http/answer.ts'
import { htmlPage } from './html-page.ts'
import { LOGIN_SCRIPT } from './login-script.ts'

const BODY = `<p role="status" id="done" hidden>You are logged in.</p>
<p role="alert" id="problem"></p>
<form id="password-form" hidden>
<label>User name
<input id="user" name="user" autocomplete="username" autocapitalize="none" required></label>
<label>Password
<input name="password" type="password" autocomplete="current-password" required></label>
<button class="main">Log in</button></form>
<p id="sso" hidden><a class="button" id="sso-link">Log in by single sign-on</a></p>
<noscript><p>This page needs JavaScript.</p></noscript>`

/** `GET /_matrix/static/client/login/`: the whole login in a browser (client-server API, "Login Fallback"). */
export function loginPage(): Answer {
  const sources = { 'connect-src': "'self'" }
  return htmlPage({ title: 'Log in', body: BODY, script: LOGIN_SCRIPT, sources })
}
