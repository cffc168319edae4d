import { createApp } from 'vue';
import Poem from './Poem.vue';

createApp(Poem).mount('#app');
