import { describe, expect, it } from 'vitest'
import { trustOf } from '../../src/bus/access.ts'
import { BusError, ERRORS } from '../../src/bus/errors.ts'
import { impliedLevel, impliedUrgency, isAtLeast, searchWords, wireEvent } from '../../src/bus/event.ts'
import { GONE_MS, ONLINE_MS, presenceOf, STALE_MS } from '../../src/bus/session.ts'
import { appended } from '../../src/bus/state.ts'

describe('the level of an event', () => {
  it.each([
    ['message', false, 'info'],
    ['message', true, 'actionable'],
    ['session_registered', false, 'lifecycle'],
    ['task_started', false, 'lifecycle'],
    ['help_needed', false, 'actionable'],
    ['ci_failed', false, 'actionable'],
    ['ci_watching', true, 'actionable'],
  ] as const)('of type %s, direct %s, is %s', (type, isDirect, level) => {
    expect(impliedLevel(type, isDirect)).toBe(level)
  })

  it('orders from noise to need', () => {
    expect(isAtLeast('actionable', 'info')).toBe(true)
    expect(isAtLeast('lifecycle', 'info')).toBe(false)
  })

  it('goes with an urgency: to someone now, to groups quietly', () => {
    expect(impliedUrgency(true)).toBe('now')
    expect(impliedUrgency(false)).toBe('quiet')
  })
})

describe('presence', () => {
  it('goes from online over idle and stale to gone, each border included', () => {
    const at = (silentMs: number) => presenceOf({ seenAt: 0 }, silentMs)
    expect([at(0), at(ONLINE_MS), at(ONLINE_MS + 1)]).toEqual(['online', 'online', 'idle'])
    expect([at(STALE_MS), at(STALE_MS + 1)]).toEqual(['idle', 'stale'])
    expect([at(GONE_MS), at(GONE_MS + 1)]).toEqual(['stale', 'gone'])
  })

  it('of an ended session is gone, however lately it was seen', () => {
    expect(presenceOf({ seenAt: 5, endedAt: 5 }, 5)).toBe('gone')
  })
})

describe('append', () => {
  it('grows lists by items and text by lines, and begins where nothing is', () => {
    expect(appended(undefined, 'a')).toEqual({ ok: true, value: 'a' })
    expect(appended(undefined, 1)).toEqual({ ok: true, value: [1] })
    expect(appended([1], 2)).toEqual({ ok: true, value: [1, 2] })
    expect(appended([1], [2])).toEqual({ ok: true, value: [1, [2]] })
    expect(appended('a', 'b')).toEqual({ ok: true, value: 'a\nb' })
  })

  it('refuses what cannot grow, and names it', () => {
    expect(appended(3, 1)).toEqual({ ok: false, found: 'number' })
    expect(appended(null, 1)).toEqual({ ok: false, found: 'null' })
    expect(appended('a', 1)).toEqual({ ok: false, found: 'string' })
  })
})

it('an event on the wire has the fields of the contract and none that are empty', () => {
  const wire = wireEvent({
    id: 7,
    at: 0,
    type: 'message',
    channels: ['session:ses_1', 'role:dev'],
    senderId: 'ses_2',
    senderName: 'backend',
    text: 'hi',
    tags: [],
    level: 'info',
    urgency: 'quiet',
    hops: 0,
  })
  expect(wire).toEqual({
    id: 7,
    type: 'message',
    channel: 'session:ses_1 role:dev',
    from: 'backend',
    text: 'hi',
    level: 'info',
    urgency: 'quiet',
    at: '1970-01-01T00:00:00.000Z',
  })
})

it('trust comes from who sent it', () => {
  expect([trustOf('operator'), trustOf('ses_1'), trustOf('token:ci'), trustOf('system')]).toEqual([
    'operator',
    'peer',
    'peer',
    'system',
  ])
})

it('a search is its words, whatever stands between them', () => {
  expect(searchWords('  Flaky-test, "Größe" OR x* ')).toEqual(['flaky', 'test', 'größe', 'or', 'x'])
})

describe('an error', () => {
  it('survives the way over the wire', () => {
    const error = new BusError('claim_held', 'held', { next: 'wait', details: { holder: 'a' } })
    expect(BusError.from(JSON.parse(JSON.stringify(error.toBody())))).toMatchObject({
      code: 'claim_held',
      message: 'held',
      next: 'wait',
      details: { holder: 'a' },
    })
  })

  it('of a code this version does not know is an internal one', () => {
    expect(BusError.from({ code: 'from_the_future' as never, message: 'x' }).code).toBe('internal')
  })

  it('has a status, an exit code and a meaning for every code', () => {
    for (const entry of Object.values(ERRORS)) {
      expect(entry.status).toBeGreaterThanOrEqual(400)
      expect(entry.exit).toBeGreaterThan(0)
      expect(entry.meaning).toMatch(/\.$/)
    }
  })
})
