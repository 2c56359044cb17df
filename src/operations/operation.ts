import type { z } from 'zod'
import type { Caller, Scope } from '../bus/access.ts'
import type { Session } from '../bus/session.ts'
import type { Command, Commit, Commits, IdempotencyKey } from '../bus/store.ts'
import type { Toolset } from '../bus/toolsets.ts'
import type { Bus } from './bus.ts'

/**
 * One thing that the bus can do, defined once. The MCP tool, the HTTP route, the CLI command, the OpenAPI entry and
 * the row in the docs are all made from this; a door adds manners, never rules.
 */
export interface Operation<
  Name extends string = string,
  Input extends z.ZodObject = z.ZodObject,
  Output extends z.ZodObject = z.ZodObject,
> {
  /** `snake_case`: the tool's name and the route's last part. The command's name has dashes instead. */
  readonly name: Name
  /** One line for a list of commands. */
  readonly title: string
  /** What a model must know to use it well, and no more: it pays for every word. */
  readonly description: string
  readonly toolset: Toolset
  readonly scope: Scope
  /** Whether it changes anything; then a retry with the same key happens once. */
  readonly effect: 'read' | 'write'
  /**
   * Whether a session's call shows that its agent has read what was offered before (see `receipt.ts`). Calls that a
   * program makes by itself show nothing, and `inbox` and `ack` settle the offer in their own commit.
   */
  readonly provesReading: boolean
  /** Whether a session that has ended can call it: that is the way back. */
  readonly isForEnded: boolean
  readonly input: Input
  readonly output: Output
  /** Whether its `path` is one on the caller's disk: what that means there, only a program beside the caller can tell. */
  readonly takesPath: boolean
  /** The idempotency key among the input's fields, where the operation has one. */
  keyOf?(input: z.output<Input>): string | undefined
  /** How the command line says it. */
  readonly command: CommandWords
  run(call: Call, input: z.output<Input>): Promise<z.input<Output>>
}

export interface CommandWords {
  /** Fields that may stand bare, in this order; `...` after the last takes the rest as words of one text or a list. */
  readonly positionals?: readonly string[]
  /** Other names of the command, as blank-separated words: `state set`. */
  readonly aliases?: readonly string[]
  /** Arguments of working examples, without the program's name. */
  readonly examples?: readonly string[]
}

/**
 * Everything a running operation may lean on. It changes the store by `commit` alone, which is on the caller's authority:
 * where that ends in mid-call, nothing more is done.
 */
export interface Call extends Commits {
  readonly bus: Bus
  readonly caller: Caller
  /** The caller's own session; the operator has one too. */
  readonly session: Session | undefined
  readonly key: IdempotencyKey | undefined
  readonly patience: Patience
  readonly connection: Connection | undefined
  /** Throws where the caller's authority has ended. A call that has waited asks before it returns what it has read. */
  stillAllowed(): Promise<void>
  /** `judge` gives the commands as they are to be made; what it notes elsewhere is noted for none that the rate refuses. */
  commit<const C extends readonly Command[]>(
    commands: C,
    key?: IdempotencyKey,
    judge?: () => Promise<NoInfer<C>>,
  ): Promise<Commit<C>>
}

/** What acts as the session that it registers, where the door has such. */
export interface Connection {
  /** Is this session from now on, unless a connection that is still there is it: then it answers false. */
  take(sessionId: string): boolean
}

/** How long the caller goes on waiting. The signal may be made when it is first read. */
export interface Patience {
  readonly signal: AbortSignal
}

export function defineOperation<const Name extends string, Input extends z.ZodObject, Output extends z.ZodObject>(
  operation: Omit<Operation<Name, Input, Output>, 'provesReading' | 'isForEnded' | 'takesPath'> & {
    provesReading?: boolean
    isForEnded?: boolean
    takesPath?: boolean
  },
): Operation<Name, Input, Output> {
  return { provesReading: true, isForEnded: false, takesPath: false, ...operation }
}
