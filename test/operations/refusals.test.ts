import { beforeEach, describe, expect, it } from 'vitest'
import { openWorld } from './world.ts'

let world: Awaited<ReturnType<typeof openWorld>>
beforeEach(async () => {
  world = await openWorld()
})

const inRepo = (repo: string) => ({ facts: { repo, worktree: '/src/x', cwd: '/src/x' } })

describe('malformed input', () => {
  it.each([
    ['publish', '`text`: expected text, got nothing', {}],
    ['publish', '`text`: expected text, got 5', { text: 5 }],
    ['publish', '`text`: expected at least 1 character, got none', { text: '' }],
    ['publish', '`text`: expected at most 65536 characters, got 70000', { text: 'x'.repeat(70_000) }],
    ['publish', '`level`: expected one of lifecycle, info, actionable, got "hot"', { text: 'x', level: 'hot' }],
    ['publish', '`to`: expected text or a list, got 5', { text: 'x', to: 5 }],
    ['publish', '`to`: expected at least 1 item, got none', { text: 'x', to: [] }],
    ['publish', 'expected known fields only, got "txt"', { text: 'x', txt: 'y' }],
    ['inbox', '`limit`: expected at least 1, got 0', { limit: 0 }],
    ['inbox', '`limit`: expected a whole number, got 1.5', { limit: 1.5 }],
    ['inbox', '`peek`: expected true or false, got "yes"', { peek: 'yes' }],
    ['list_sessions', '`scope`: expected one of all, repo, machine, got "here"', { scope: 'here' }],
    ['register', '`facts`.machine: expected text, got 5', { facts: { machine: 5 } }],
    ['register', '`role`: expected at least 1 character, got blanks only', { role: '  ' }],
    ['register', 'expected an object, got a list', []],
    ['set_state', '`value`: expected a JSON value', { key: 'k' }],
    ['claim', '`path`: expected at most 64 alternatives in braces, got 512', { path: `/x/${'{a,b}'.repeat(9)}` }],
    ['register', '`owns`.0: expected at most 64 alternatives in braces, got 512', { owns: ['{a,b}'.repeat(9)] }],
  ])('of %s is refused in our own words: %s', async (operation, message, input) => {
    await expect(world.operator(operation as never, input as never)).rejects.toMatchObject({
      code: 'invalid_input',
      message: `\`${operation}\`: ${message}`,
      next: expect.stringContaining('Fields: '),
    })
  })

  it('of an operation without fields says that it has none', async () => {
    await expect(world.operator('whoami', { name: 'x' } as never)).rejects.toMatchObject({
      message: '`whoami`: expected known fields only, got "name"',
      next: 'It takes no fields.',
    })
  })

  it('is what a thing to wait for is without waiting', async () => {
    const a = await world.join('a')
    for (const activity of [undefined, 'busy'] as const) {
      await expect(
        a('heartbeat', { waiting_for: 'review', ...(activity === undefined ? {} : { activity }) }),
      ).rejects.toMatchObject({
        code: 'invalid_input',
        message: expect.stringContaining(`got it with ${activity ?? 'none'}`),
      })
    }
    await a('heartbeat', { activity: 'waiting', waiting_for: 'review' })
    expect(await a('whoami', {})).toMatchObject({ activity: 'waiting', waiting_for: 'review' })
  })
})

describe('what is not there', () => {
  it('is named, with what was probably meant: a shared value', async () => {
    const a = await world.join('a')
    await expect(a('delete_state', { key: 'plan' })).rejects.toMatchObject({
      code: 'not_found',
      message: 'there is no state "plan"',
      next: 'See `list_state`.',
    })
    await a('set_state', { key: 'plan', value: 1 })
    await expect(a('delete_state', { key: 'plam' })).rejects.toMatchObject({ next: 'Did you mean plan?' })
  })

  it('is named, with what was probably meant: a claim', async () => {
    const [a, b] = [await world.join('a', inRepo('r')), await world.join('b', inRepo('r'))]
    await expect(a('release', { path: 'x.ts' })).rejects.toMatchObject({
      code: 'not_found',
      message: 'there is no claim of yours on x.ts in r',
      next: 'See `list_claims`. For one in another place than here, name that place as `repo`.',
    })
    await a('claim', { path: 'src/**' })
    await expect(a('release', { path: 'src/x.ts' })).rejects.toMatchObject({ next: 'Did you mean src/**?' })
    await expect(b('release', { path: 'src/**' })).rejects.toMatchObject({
      next: expect.stringContaining('src/** is held by a'),
    })
    await expect(world.operator('release', { path: '/src/x/src/x.ts' })).rejects.toMatchObject({
      message: 'there is no claim on src/x.ts in r',
      next: 'Did you mean src/**?',
    })
  })

  it.each([
    ['repo:raa', 'Did you mean repo:ra?'],
    ['repo:acme/apii', 'Did you mean repo:api?'],
    ['repo:web', 'repo:web could be repo:github.com/acme/web or repo:github.com/other/web'],
    ['machine:dask', 'Did you mean machine:desk?'],
  ])('is named, with what was probably meant: %s', async (to, said) => {
    await world.join('a', { ...inRepo('ra~f44c7f'), role: 'reviewer' })
    for (const [i, repo] of ['github.com/acme/api', 'github.com/acme/web', 'github.com/other/web'].entries()) {
      await world.join(`s${i}`, inRepo(repo))
    }
    const refused = world.operator('publish', { text: 'x', to }).catch(error => `${error.message}\n${error.next}`)
    expect(await refused).toContain(said)
    await world.operator('publish', { text: 'x', to: 'repo:ra' })
  })
})

const HOW_TO_COME_BACK = 'A client that comes back is the same session if it gave the same `client_id` both times.'

describe('a name that a session cannot have', () => {
  it.each([
    ['all', 'all-1', 'The name all is reserved, or looks like one that is: you are all-1.'],
    ['Operator', 'Operator-1', 'The name Operator is reserved, or looks like one that is: you are Operator-1.'],
    ['x', 'x-2', `The name x is taken: you are x-2. ${HOW_TO_COME_BACK}`],
    ['X', 'X-2', `The name X is taken: you are X-2. ${HOW_TO_COME_BACK}`],
    ['7', '7-1', 'The name 7 is a number: you are 7-1.'],
    ['amber-fox', 'amber-fox-1', 'The name amber-fox is a codename, or looks like one: you are amber-fox-1.'],
    ['ses_x', 'ses-x', 'The name ses_x looks like an id: you are ses-x.'],
    ['a b', 'a-b', 'A name has no blanks, colons, commas, @ or unseen characters, as "a b" has: you are a-b.'],
  ])('is answered with a note, whether it was wished or found: %s', async (wished, name, note) => {
    await world.join('x')
    const byWish = await world.join(wished)
    expect(byWish.joined).toMatchObject({ name, note })
    await byWish('unregister', {})
    const byBranch = await world.operator('register', { facts: { branch: wished } })
    expect(byBranch).toMatchObject({ name, note })
  })
})
