import { z } from 'zod'
import { defined } from '../bus/defined.ts'
import type { Session } from '../bus/session.ts'
import type { Call } from './operation.ts'
import { mayRead, shownName } from './require-session.ts'

/** A session as somebody whom an event is for. */
export const recipientShape = z.object({
  session: z.string(),
  codename: z.string().optional().describe('of one that has ended: its name may be that of another by now'),
  ended: z.string().optional().describe('why it has ended'),
})

export function shownRecipient(call: Call, session: Session): z.input<typeof recipientShape> {
  const { codename, endReason: ended } = session
  if (ended === undefined) return { session: shownName(call, session) }
  return defined({ session: shownName(call, session), codename: mayRead(call) ? codename : undefined, ended })
}
