import { describe, expect, it } from 'vitest'
import { channelOf, channelsOf, parseAddress } from '../../src/bus/address.ts'

describe('an address', () => {
  it.each([
    ['all', 'all'],
    ['role:reviewer', 'role:reviewer'],
    ['topic:ci', 'topic:ci'],
    ['repo:github.com/acme/api', 'repo:github.com/acme/api'],
    ['backend', 'session:backend'],
    ['@backend', 'session:backend'],
    ['session:brave-otter', 'session:brave-otter'],
    ['feature:x', 'session:feature:x'],
  ])('%s means the channel %s', (written, channel) => {
    const parsed = parseAddress(written)
    expect(parsed.ok && channelOf(parsed.address)).toBe(channel)
  })

  it.each(['', '  ', 'role:', 'topic: ', 'role:a b'])('refuses %j and says what it expected', written => {
    expect(parseAddress(written)).toMatchObject({ ok: false, message: expect.stringContaining('expected') })
  })
})

it('a session follows the channels that its facts give it, and its topics', () => {
  const session = { id: 'ses_1', repo: 'github.com/acme/api', machine: 'desk', role: 'dev', topics: ['ci', 'deploys'] }
  expect(channelsOf(session)).toEqual([
    'all',
    'session:ses_1',
    'repo:github.com/acme/api',
    'machine:desk',
    'role:dev',
    'topic:ci',
    'topic:deploys',
  ])
})
