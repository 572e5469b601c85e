/** The texts of the page before the wall, in the browser's language: who cannot come in yet can choose none. */

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
}

export type DoorMessages = typeof en

export function doorMessages(languages: readonly string[]): { lang: string; text: DoorMessages } {
  const first = languages.find((language) => /^(en|pt)\b/i.test(language)) ?? 'en'
  return /^pt/i.test(first) ? { lang: 'pt-BR', text: ptBr } : { lang: 'en', text: en }
}
