import { expect, it } from 'vitest'
import { backfillMinutes } from '../../src/home/backfill.ts'

const of = (env: NodeJS.ProcessEnv, isAgent = true) => backfillMinutes(env, { isAgent })

it('is an hour where a person talks to the agent, and nothing where none does, unless it is set', () => {
  expect(of({})).toBe(60)
  expect(of({ CLAUDE_CODE_ENTRYPOINT: 'cli' })).toBe(60)
  for (const CLAUDE_CODE_ENTRYPOINT of ['sdk-cli', 'sdk-ts', 'sdk-py']) {
    expect(of({ CLAUDE_CODE_ENTRYPOINT })).toBe(0)
    expect(of({ CLAUDE_CODE_ENTRYPOINT, SWITCHBOARD_BACKFILL_MINUTES: '5' })).toBe(5)
  }
  expect(of({}, false)).toBe(0)
  expect(of({ SWITCHBOARD_BACKFILL_MINUTES: ' 10080 ' }, false)).toBe(10_080)
  for (const isAgent of [true, false]) expect(of({ SWITCHBOARD_BACKFILL_MINUTES: '0' }, isAgent)).toBe(0)
  expect(of({ SWITCHBOARD_BACKFILL_MINUTES: '' })).toBe(60)
})

it('refuses what is no number of minutes within a week', () => {
  for (const SWITCHBOARD_BACKFILL_MINUTES of ['10081', '-1', '1.5', '1h', 'none', '1e3', '<b>', '9'.repeat(400)]) {
    expect(() => of({ SWITCHBOARD_BACKFILL_MINUTES })).toThrow(/^SWITCHBOARD_BACKFILL_MINUTES is /)
  }
})
