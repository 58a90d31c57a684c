/**
 * Logs in by what the server offers and hands the answer to `window.matrixLogin.onLogin`. What the page's address
 * says about the device goes along; after single sign-on the browser comes back with `loginToken`.
 */
export const LOGIN_SCRIPT = `
const LOGIN = '/_matrix/client/v3/login'
const query = new URLSearchParams(location.search)
const say = (text) => { document.getElementById('problem').textContent = text }
const device = {}
for (const key of ['device_id', 'initial_device_display_name']) {
  if (query.has(key)) device[key] = query.get(key)
}
if (query.get('refresh_token') === 'true') device.refresh_token = true

async function logIn(credentials) {
  say('')
  const response = await fetch(LOGIN, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(Object.assign({}, device, credentials)),
  })
  const answer = await response.json()
  if (!response.ok) return say(answer.error || 'This did not work.')
  document.getElementById('password-form').hidden = true
  document.getElementById('sso').hidden = true
  document.getElementById('done').hidden = false
  if (window.matrixLogin && window.matrixLogin.onLogin) window.matrixLogin.onLogin(answer)
}

document.getElementById('password-form').addEventListener('submit', (event) => {
  event.preventDefault()
  const form = new FormData(event.target)
  const identifier = { type: 'm.id.user', user: form.get('user') }
  logIn({ type: 'm.login.password', identifier, password: form.get('password') }).catch(failed)
})

function failed() {
  say('The server cannot be reached.')
}

async function start() {
  const token = query.get('loginToken')
  if (token) {
    query.delete('loginToken')
    history.replaceState(null, '', location.pathname + '?' + query)
    await logIn({ type: 'm.login.token', token })
    return
  }
  const { flows } = await (await fetch(LOGIN)).json()
  const types = flows.map((flow) => flow.type)
  const byPassword = types.includes('m.login.password')
  document.getElementById('password-form').hidden = !byPassword
  if (byPassword) document.getElementById('user').focus()
  document.getElementById('sso').hidden = !types.includes('m.login.sso')
  document.getElementById('sso-link').href = LOGIN + '/sso/redirect?redirectUrl=' + encodeURIComponent(location.href)
}
start().catch(failed)
`
