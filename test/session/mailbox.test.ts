import { describe, expect, it } from 'vitest'
import { createMailbox } from '../../src/session/mailbox.ts'

/** All orders in which these can happen that keep each row's own order. */
function interleavings<T>(one: readonly T[], other: readonly T[]): T[][] {
  if (one.length === 0 || other.length === 0) return [[...one, ...other]]
  return [
    ...interleavings(one.slice(1), other).map(rest => [one[0]!, ...rest]),
    ...interleavings(one, other.slice(1)).map(rest => [other[0]!, ...rest]),
  ]
}

type Step = { says: 'event' | 'asked' | 'answered'; id: number }

/** What a mailbox holds after these, where ids are counted from 1 and an answer counts all up to its own. */
function after(steps: readonly Step[]) {
  const mailbox = createMailbox()
  let answered: ReturnType<typeof mailbox.asking> | undefined
  for (const { says, id } of steps) {
    if (says === 'event') mailbox.arrived({ id, urgency: 'now' })
    if (says === 'asked') answered = mailbox.asking()
    if (says === 'answered') answered?.({ unread: id, urgent: id > 0, newest: id })
  }
  return mailbox
}

/** What had come by the stream when the question was asked is in the answer. */
function isPossible(steps: readonly Step[], counted: number): boolean {
  const asked = steps.findIndex(({ says }) => says === 'asked')
  return steps.slice(0, asked).filter(({ says }) => says === 'event').length <= counted
}

describe('what the mailbox counts', () => {
  it.each([0, 1, 2, 3])('is each of three events once, where the answer counts %i of them', counted => {
    const stream: Step[] = [1, 2, 3].map(id => ({ says: 'event', id }))
    const question: Step[] = [
      { says: 'asked', id: 0 },
      { says: 'answered', id: counted },
    ]
    for (const order of interleavings(stream, question).filter(each => isPossible(each, counted))) {
      const mailbox = after(order)
      expect([mailbox.unread, mailbox.mayHaveUrgentNews], JSON.stringify(order)).toEqual([3, true])
    }
  })

  it('is what the last question was told, whichever answer comes first', () => {
    const mailbox = createMailbox()
    const [first, second] = [mailbox.asking(), mailbox.asking()]
    mailbox.arrived({ id: 1, urgency: 'now' })
    mailbox.arrived({ id: 2, urgency: 'now' })
    second({ unread: 2, urgent: true, newest: 2 })
    first({ unread: 1, urgent: true, newest: 1 })
    expect(mailbox.unread).toBe(2)
  })

  it('is right where the hub answers the last question as of before the one that it answers first', () => {
    const mailbox = createMailbox()
    const [first, second] = [mailbox.asking(), mailbox.asking()]
    first({ unread: 2, urgent: true, newest: 2 })
    mailbox.arrived({ id: 1, urgency: 'now' })
    mailbox.arrived({ id: 2, urgency: 'now' })
    expect(mailbox.unread).toBe(2)
    second({ unread: 1, urgent: true, newest: 1 })
    expect([mailbox.unread, mailbox.mayHaveUrgentNews]).toEqual([2, true])
  })

  it('misses nothing where an older hub does not say how far it counted', () => {
    const mailbox = createMailbox()
    mailbox.asking()({ unread: 0, urgent: false })
    mailbox.arrived({ id: 4, urgency: 'now' })
    expect([mailbox.unread, mailbox.mayHaveUrgentNews]).toEqual([1, true])
  })

  it('holds nothing against the ids of a store that has begun anew', () => {
    const mailbox = createMailbox()
    mailbox.arrived({ id: 900, urgency: 'now' })
    mailbox.asking()({ unread: 1, urgent: true, newest: 900 })
    mailbox.digested({ mayFit: false, newestUrgent: 900 })
    mailbox.asking()({ unread: 0, urgent: false, newest: 3 })
    mailbox.arrived({ id: 4, urgency: 'now' })
    expect([mailbox.unread, mailbox.mayHaveUrgentNews]).toEqual([1, true])
  })
})
