/**
 * What parts of the server say of themselves (core/contracts/sayings.ts), by code. In English most is as it comes, with all that
 * it tells; errors of a processor that halted are here as far as a viewer has to know them, and whole in the server's log.
 */
import type { SayingParams } from '../../../core/contracts/sayings.ts'

type Said = (params: SayingParams) => string

const IN_THE_LOG = 'o registro do servidor tem os detalhes'
const RESTORE = 'restaure um backup (revwall restore)'

/** Beside "orders processor halted", which says who. */
export const toldInEnglish: Readonly<Record<string, Said>> = {
  'processor.gone': () => 'none is running; start one: revwall process',
}

export const toldInPortuguese: Readonly<Record<string, Said>> = {
  'source.loaded': () => 'carregado',
  'source.stopped': () => 'parado',
  'replay.pass': ({ pass, speed }) => `passagem ${pass}, ${speed}×`,
  'replay.rereading': () => 'lendo o arquivo de novo, para seguir de onde estava',
  'replay.nothing-left': () => 'o arquivo não tem nada depois do seu histórico',
  'replay.past-today': ({ pass, at }) => `a passagem ${pass} chegaria a ${at}, depois de hoje`,
  'shop.rereading': () => 'simulando de novo o que o log tem, para seguir de onde estava',
  'shop.usual': () => 'o que os seus clientes compram',
  'shop.usual-steady': () => 'o que os seus clientes compram, constante',
  'shop.rate': ({ rate }) => `${rate} pedidos por segundo`,
  'shop.rate-steady': ({ rate }) => `${rate} pedidos por segundo, constante`,
  'processor.starting': () => 'iniciando',
  'processor.fenced': () => 'outro processador gravou; vale o que ele gravou',
  'processor.waiting': () => 'esperando o ClickHouse',
  'processor.gone': () => 'nenhum está rodando; inicie um: revwall process',
  CLICKHOUSE_UNREACHABLE: () => 'o ClickHouse não responde',
  NO_OPENING_MARK: () =>
    `as tabelas não dizem o que já têm do log; ${RESTORE}, ou, se estão vazias: revwall migrate --take-log`,
  MARK_CHAIN_BROKEN: () => `as marcas das tabelas têm falhas; ${RESTORE}`,
  LOG_INCARNATION: () => `o log foi criado de novo desde que as tabelas o leram; ${RESTORE}`,
  LOG_ENDS_BEFORE_MARK: () => `o fim do log se perdeu; ${RESTORE}`,
  LOG_BEGINS_AFTER_MARK: () => `o log perdeu o que as tabelas ainda não tinham; ${RESTORE}`,
  LOG_DIFFERS: () => `o log não é aquele que as tabelas leram; ${RESTORE}`,
  LOG_CORRUPT: () => `o log está danificado; ${RESTORE}`,
  LOG_FULL: () => 'não há espaço para o log; libere espaço no disco',
  LOG_UNREACHABLE: () => 'o log não responde',
  LOG_IO: () => `o log falhou; inicie de novo, ${IN_THE_LOG}`,
  WAREHOUSE_REFUSES_ALL: () => `o ClickHouse recusa um registro após o outro; ${IN_THE_LOG}`,
}
