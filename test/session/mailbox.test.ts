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

describe('what the mailbox counts', () => {
  it('is each event once, in whatever order the answers and the stream tell of it', () => {
    const stream = [1, 2, 3].map(id => ({ says: 'event' as const, id }))
    for (const counted of [0, 1, 2, 3]) {
      const question = [
        { says: 'asked' as const, id: 0 },
        { says: 'answered' as const, id: counted },
      ]
      for (const order of interleavings<{ says: 'event' | 'asked' | 'answered'; id: number }>(stream, question)) {
        // What had come by the stream when the question was asked is in the answer.
        const before = order.slice(0, order.indexOf(question[0]!)).filter(({ says }) => says === 'event').length
        if (before > counted) continue
        const mailbox = createMailbox()
        let answered: ReturnType<typeof mailbox.asking> | undefined
        for (const { says, id } of order) {
          if (says === 'event') mailbox.arrived({ id, urgency: 'now' })
          if (says === 'asked') answered = mailbox.asking()
          if (says === 'answered') answered?.({ unread: id, urgent: id > 0, newest: id })
        }
        expect([mailbox.unread, mailbox.mayHaveUrgentNews], JSON.stringify(order)).toEqual([3, true])
      }
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
