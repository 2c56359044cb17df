import { describe, expect, it } from 'vitest'
import type { ClientStatus } from '../../src/session/client-status.ts'
import { calmFrom, newerOf, type Seen } from '../../src/session/idle.ts'

const told = (state: ClientStatus['state'], since: number): Seen => ({ state, since, isTold: true })
const said = (state: ClientStatus['state'], since: number): ClientStatus => ({ state, since })

describe('what the agent does', () => {
  it.each<[string, Seen | undefined, ClientStatus | undefined, Seen | undefined]>([
    ['is unknown before anybody tells', undefined, undefined, undefined],
    ['is what the hooks tell where the client says nothing', told('busy', 5), undefined, told('busy', 5)],
    ['is what the client says without hooks', undefined, said('idle', 5), { state: 'idle', since: 5, isTold: false }],
    ['is what came last', told('busy', 900), said('idle', 5), told('busy', 900)],
    [
      'is what the client says of the same moment',
      told('busy', 6),
      said('idle', 5),
      { ...said('idle', 5), isTold: false },
    ],
  ])('%s', (_, hooks, client, seen) => {
    expect(newerOf(hooks, client)).toEqual(seen)
  })
})

describe('an idle session may be woken', () => {
  it.each<[string, Seen | undefined, ClientStatus | undefined, number]>([
    ['at once after a turn that has ended with its hook', told('idle', 1_000), said('idle', 1_400), 1_400],
    ['at once where its client says nothing', told('idle', 1_000), undefined, 1_000],
    ['3 s after a "No" in a dialog', told('waiting', 1_000), said('idle', 60_000), 63_000],
    ['3 s after an Esc while a tool ran', told('busy', 1_000), said('idle', 60_000), 63_000],
    ['3 s after a dialog of which no hook has told', told('idle', 1_000), said('idle', 60_000), 63_000],
    ['3 s after its start', undefined, said('idle', 1_000), 4_000],
    [
      '3 s after the end that was only looked up',
      { ...said('idle', 1_000), isTold: false },
      said('idle', 1_000),
      4_000,
    ],
    [
      'at once where its client gives no date',
      undefined,
      said('idle', Number.NEGATIVE_INFINITY),
      Number.NEGATIVE_INFINITY,
    ],
  ])('%s', (_, hooks, client, from) => {
    expect(calmFrom(newerOf(hooks, client)!)).toBe(from)
  })
})
