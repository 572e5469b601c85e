/** What is found of orders, customers and articles, over as many days as one question may have. */
import { addDays, MAX_DAYS } from '../explore/explore-panel.ts'

export interface FoundOrder {
  source: string
  orderId: string
  status: string
  placedAt: string
  customer: string
  country: string
  currency: string
  net: string
}
export interface FoundCustomer {
  customer: string
  revenue: string
  orders: number
}
export interface FoundProduct {
  sku: string
  name: string
  revenue: string
  units: string
}

export interface OrdersAnswer {
  from: string
  total: number
  orders: FoundOrder[]
  next: string | null
}
export interface CustomersAnswer {
  currency: string
  total: number
  customers: FoundCustomer[]
}
export interface ProductsAnswer {
  currency: string
  total: { articles: number }
  products: FoundProduct[]
}

/** Of customers and articles, which are known by few letters of their names. */
const FEW = 8
const PAGE = 50

/** The api's questions for a word; `axis` as on the wall. */
export function questionsOf(word: string, { today, axis }: { today: string; axis: string }) {
  const asked = new URLSearchParams({ q: word, from: addDays(today, 1 - MAX_DAYS), to: today })
  const ranked = `${asked}&axis=${axis}&limit=${FEW}`
  return {
    orders: `/api/v1/orders?${asked}&limit=${PAGE}`,
    customers: `/api/v1/customers?${ranked}`,
    products: `/api/v1/products?${ranked}`,
  }
}

/** Without blanks around it, and null where nothing is left to look for. */
export function wordOf(typed: string): string | null {
  return typed.trim() === '' ? null : typed.trim().slice(0, 100)
}
