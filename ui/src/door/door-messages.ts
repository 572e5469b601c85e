/** The texts of the page before the wall, which loads none of the wall's. */
import type { Language } from '../language/pick-language.ts'

const en = {
  title: 'Sign in',
  name: 'Name',
  password: 'Password',
  signIn: 'Sign in',
  signingIn: 'signing in…',
  wrong: 'Name or password is not right.',
  unreachable: 'The server does not answer; trying again.',
  isTv: 'This is a TV',
  tvTitle: 'Show this wall here',
  tvHow: 'On the wall, an operator opens Screens (s) and types this code:',
  tvCode: (code: string) => `Code ${code}`,
  tvWait: (minutes: string) => `A new code comes in ${minutes} min.`,
  isNoTv: 'Sign in instead',
  shareTitle: 'Opening the wall…',
  shareOver: 'This link is over. Ask whoever sent it for another one.',
  /** By the code of a refusal; what is not named here is shown as the server says it. */
  faults: {} as Readonly<Record<string, string>>,
}
const ptBr: typeof en = {
  title: 'Entrar',
  name: 'Nome',
  password: 'Senha',
  signIn: 'Entrar',
  signingIn: 'entrando…',
  wrong: 'Nome ou senha incorretos.',
  unreachable: 'O servidor não responde; tentando de novo.',
  isTv: 'Isto é uma TV',
  tvTitle: 'Mostrar o painel aqui',
  tvHow: 'No painel, um operador abre Telas (s) e digita este código:',
  tvCode: (code) => `Código ${code}`,
  tvWait: (minutes) => `Um novo código vem em ${minutes} min.`,
  isNoTv: 'Entrar com senha',
  shareTitle: 'Abrindo o painel…',
  shareOver: 'Este link não vale mais. Peça outro a quem o enviou.',
  faults: {
    BAD_REQUEST: 'O pedido não é válido.',
    FORBIDDEN: 'Isso não é permitido daqui.',
    CONFLICT: 'Ainda não há usuários aqui.',
    TOO_MANY_TRIES: 'Tentativas demais; espere um pouco.',
    NOT_READY: 'O servidor ainda não está pronto.',
    WAREHOUSE_DOWN: 'O servidor ainda não está pronto.',
    BUSY: 'O servidor está ocupado; tentando de novo.',
    INTERNAL: 'Algo deu errado no servidor.',
  },
}

export type DoorMessages = typeof en

export const doorMessages: Readonly<Record<Language, DoorMessages>> = { en, 'pt-BR': ptBr }
