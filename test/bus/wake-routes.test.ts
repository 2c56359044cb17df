import { expect, it } from 'vitest'
import { WAKE_ROUTES, wakeRoutesOf } from '../../src/bus/wake-routes.ts'

it.each([
  [undefined, WAKE_ROUTES],
  ['', WAKE_ROUTES],
  ['none', []],
  [' none ', []],
  ['tmux keys,monitor', ['monitor', 'tmux keys']],
  ['inbox socket, monitor, rewake, tmux keys', WAKE_ROUTES],
])('%j permits %j', (written, routes) => {
  expect(wakeRoutesOf(written)).toEqual(routes)
})

it.each([
  'off',
  'None',
  'rewak',
  'monitor, keys',
  'monitor rewake',
  'none, monitor',
  'tmux-keys',
  '0',
  'false',
  ' , ',
  ',',
  ' ',
])('%j is refused', written => {
  expect(() => wakeRoutesOf(written)).toThrow(
    /^SWITCHBOARD_DOORBELL: expected some of "inbox socket", .*"none" alone, got "/,
  )
})
