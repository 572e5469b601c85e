import { mount } from 'svelte'
import '../wall.css'
import Door from './Door.svelte'

const target = document.getElementById('app')
if (target === null) throw new Error('door.html has no #app')
mount(Door, { target })
