import type { Json, TestClient } from '../../../spec-tests/support/test-client.ts'

let count = 0

/** Sends messages of type `org.example.test`. */
export async function sendTo(client: TestClient, messages: Json, txnId = `d${++count}`): Promise<void> {
  await client.call('PUT', `/sendToDevice/org.example.test/${txnId}`, { messages })
}

/** The `n` of each message of an answer. */
export function numbersOf(answer: Json): unknown[] {
  const { events } = answer['to_device'] as { events: { content: Json }[] }
  return events.map(({ content }) => content['n'])
}

/** Asks until nothing waits, each time with the last token, and gives the messages of each answer. */
export async function drain(
  client: TestClient,
  since?: string,
): Promise<{ answers: unknown[][]; next: string }> {
  const answers: unknown[][] = []
  for (let next = since; ;) {
    const answer = await client.sync({ timeout: '0', ...(next !== undefined && { since: next }) })
    next = String(answer['next_batch'])
    const numbers = numbersOf(answer)
    if (numbers.length === 0) return { answers, next }
    answers.push(numbers)
  }
}

/** Logs in another device of a user. */
export async function logIn(client: TestClient, user: string, deviceId: string): Promise<TestClient> {
  const identifier = { type: 'm.id.user', user }
  const answer = await client.call('POST', '/login', {
    type: 'm.login.password',
    identifier,
    password: 'correct horse battery',
    device_id: deviceId,
  })
  client.userId = String(answer['user_id'])
  client.deviceId = deviceId
  client.token = String(answer['access_token'])
  return client
}
