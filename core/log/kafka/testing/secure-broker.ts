/** A broker that is reached by TLS and a login only, with a certificate that is made for it. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KafkaLogin } from '../kafka-client.ts'
import { startTestBroker, type TestBroker } from './test-broker.ts'

export interface SecureBroker {
  broker: TestBroker
  login: KafkaLogin
  stop(): Promise<void>
}

const USERS = { admin: 'for-itself', revwall: 'let-me-in' }
const STORE_PASSWORD = 'of-the-store'

export async function startSecureBroker(properties: Record<string, string>): Promise<SecureBroker> {
  const folder = mkdtempSync(join(tmpdir(), 'revwall-tls-'))
  const store = join(folder, 'broker.p12')
  const trust = join(folder, 'trust.p12')
  const keytool = (keystore: string, args: string[], input = '') => {
    const options = ['-keystore', keystore, '-storepass', STORE_PASSWORD, '-alias', 'broker']
    const { status, stdout, stderr } = spawnSync('keytool', [...args, ...options], {
      encoding: 'utf8',
      input,
    })
    if (status !== 0) throw new Error(`keytool: ${stdout}${stderr}`)
    return stdout
  }
  const names = ['-dname', 'CN=127.0.0.1', '-ext', 'san=ip:127.0.0.1']
  keytool(store, ['-genkeypair', '-keyalg', 'EC', ...names])
  const certificate = keytool(store, ['-exportcert', '-rfc'])
  // The broker tries its own door before it opens it.
  keytool(trust, ['-importcert', '-noprompt'], certificate)
  const broker = await startTestBroker({
    'listener.security.protocol.map': 'PLAINTEXT:SASL_SSL,CONTROLLER:PLAINTEXT',
    'sasl.enabled.mechanisms': 'PLAIN',
    'sasl.mechanism.inter.broker.protocol': 'PLAIN',
    'listener.name.plaintext.plain.sasl.jaas.config': jaas(),
    'ssl.keystore.location': store,
    'ssl.keystore.password': STORE_PASSWORD,
    'ssl.truststore.location': trust,
    'ssl.truststore.password': STORE_PASSWORD,
    ...properties,
  })
  return {
    broker,
    login: {
      brokers: [broker.address],
      ssl: { ca: [certificate] },
      sasl: { mechanism: 'plain', username: 'revwall', password: USERS.revwall },
    },
    stop: async () => {
      await broker.stop()
      rmSync(folder, { recursive: true })
    },
  }
}

function jaas(): string {
  const users = Object.entries(USERS).map(([name, password]) => `user_${name}="${password}"`)
  const own = `username="admin" password="${USERS.admin}"`
  return `org.apache.kafka.common.security.plain.PlainLoginModule required ${own} ${users.join(' ')};`
}
