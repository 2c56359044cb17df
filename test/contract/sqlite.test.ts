import { openSqlite } from './open.ts'
import { describeStoreContract } from './store.contract.ts'

describeStoreContract('SQLite', openSqlite)
