import { expect, test } from 'vitest'
import { renderTemplate, templateProblem } from './template.ts'

const claims = {
  sub: '42',
  email: 'Alice.Liddell@example.org',
  address: { 'the city': 'Oxford' },
  groups: ['a'],
  age: 7,
  __proto__: { inherited: 'no' },
}

test.each([
  ['{{ user.sub }}', '42'],
  ['{{user.sub}}-{{ user.age }}', '42-7'],
  ["{{ user['sub'] }}", '42'],
  ["{{ user.address['the city'] }}", 'Oxford'],
  ['{{ user.email | localpart_from_email | lower }}', 'alice.liddell'],
  ["{{ user.email|localpart_from_email|replace('.', '_') }}", 'Alice_Liddell'],
  ["{{ user.nothing | default('some') }}", 'some'],
  ['{{ user.nothing.deeper }}', ''],
  ['{{ user.groups }}', ''],
  ['{{ user.inherited }}', ''],
  ['{{ user.constructor }}', ''],
  ['no gap', 'no gap'],
])('%s becomes %j', (template, text) => {
  expect(templateProblem(template)).toBeUndefined()
  expect(renderTemplate(template, claims)).toBe(text)
})

test.each([
  '{{ other.sub }}',
  '{{ user }}',
  '{{ user.sub + 1 }}',
  '{{ user.sub | unheard }}',
  '{{ user.sub | constructor }}',
  '{% if user.sub %}x{% endif %}',
])('%s is refused beforehand', (template) => expect(templateProblem(template)).toBeDefined())
