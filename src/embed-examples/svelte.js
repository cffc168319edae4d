import { mount } from 'svelte';
import Poem from './Poem.svelte';

mount(Poem, { target: document.querySelector('#app') });
