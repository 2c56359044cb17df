import type { Scope } from './access.ts'

export interface NewToken {
  readonly id: string
  readonly name: string
  /** SHA-256 of the secret, hex; the secret itself is never stored. */
  readonly hash: string
  readonly scopes: readonly Scope[]
  readonly machine?: string
}

export interface Token extends NewToken {
  readonly createdAt: number
  readonly revokedAt?: number
}
