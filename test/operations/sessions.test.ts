import { expect, it } from 'vitest'
import { textOf } from '../../src/operations/texts.ts'
import { openWorld } from './world.ts'

it('`list_sessions` marks the session that asks, and none for the operator', async () => {
  const world = await openWorld()
  const a = await world.join('a')
  await world.join('b')
  const seen = await a('list_sessions', {})
  expect(Object.fromEntries(seen.sessions.map(({ name, you }) => [name, you]))).toEqual({ a: true, b: undefined })
  const lines = textOf('list_sessions', seen, '').text.split('\n')
  expect(lines.filter(line => line.endsWith('(you)'))).toEqual([expect.stringMatching(/^a /)])
  const { sessions } = await world.operator('list_sessions', {})
  expect(sessions.map(({ you }) => you)).toEqual([undefined, undefined])
})
