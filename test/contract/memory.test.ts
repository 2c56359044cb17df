import { openMemory } from './open.ts'
import { describeStoreContract } from './store.contract.ts'

describeStoreContract('memory', openMemory)
